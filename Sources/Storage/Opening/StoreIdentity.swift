internal import Base
internal import Cluster

/// The identity of a data directory, as read or created when it is opened.
struct StoreIdentity {
    let storeID: StoreID
    /// The number of times that the directory was opened, this time included.
    let bootCounter: UInt64
}

extension StoreIdentity {
    static let supportedFormat: UInt32 = 1

    /// Checks that the data directory belongs to this node and was created with this partition count. Writes the
    /// identity of a new directory. The raised boot counter is on the disk when this returns.
    static func loadOrCreate(
        _ database: Database, directory: String, nodeID: NodeID, partitions: Int
    ) throws(StoreOpenError) -> StoreIdentity {
        let meta = MetaReader(database: database, directory: directory)
        let known = try read(meta, nodeID: nodeID, partitions: partitions)
        var random = SystemRandomNumberGenerator()
        let identity = StoreIdentity(
            storeID: known?.storeID ?? StoreID(using: &random), bootCounter: (known?.bootCounter ?? 0) + 1)
        let batch = WriteBatch()
        let family = database.handle(.meta)
        if known == nil {
            batch.put(family, key: MetaRow.format, value: MetaRow.number(supportedFormat))
            batch.put(family, key: MetaRow.node, value: Array(nodeID.utf8))
            batch.put(family, key: MetaRow.store, value: MetaRow.storeID(identity.storeID))
            batch.put(family, key: MetaRow.partitions, value: MetaRow.number(UInt32(partitions)))
        }
        batch.put(family, key: MetaRow.boot, value: MetaRow.number(identity.bootCounter))
        do throws(RocksFailure) {
            try database.write(batch, synced: true)
        } catch {
            throw StoreOpenError(error, directory: directory)
        }
        return identity
    }

    /// Reads the identity rows of a data directory and checks that they fit this node. Returns nil for a new directory.
    private static func read(
        _ meta: MetaReader, nodeID: NodeID, partitions: Int
    ) throws(StoreOpenError) -> StoreIdentity? {
        guard let format: UInt32 = try meta.number(MetaRow.format) else {
            try meta.requireEmpty()
            return nil
        }
        let directory = meta.directory
        guard format == supportedFormat else {
            throw .otherFormat(directory: directory, stored: Int(format), supported: Int(supportedFormat))
        }
        guard let owner = try meta.bytes(MetaRow.node), let id = try meta.bytes(MetaRow.store).flatMap(MetaRow.storeID),
            let boot: UInt64 = try meta.number(MetaRow.boot),
            let stored: UInt32 = try meta.number(MetaRow.partitions)
        else { throw .damaged(directory: directory, why: "its identity rows are incomplete") }
        let ownerName = String(decoding: owner, as: UTF8.self)
        guard NodeID(ownerName) == nodeID else {
            throw .otherNode(directory: directory, stored: ownerName, given: nodeID.description)
        }
        guard Int(stored) == partitions else {
            throw .otherPartitions(directory: directory, stored: Int(stored), given: partitions)
        }
        return StoreIdentity(storeID: id, bootCounter: boot)
    }
}
