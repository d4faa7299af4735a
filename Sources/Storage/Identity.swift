internal import Base
internal import Cluster

/// Who a data directory is, as read or minted when it is opened.
struct Identity {
    let storeID: StoreID
    /// 1 when the directory was made; one more each time it is opened.
    let bootCounter: UInt64
}

extension Identity {
    static let supportedFormat: UInt32 = 1

    /// Checks the directory against what it is opened as, mints what a new one needs, and has the raised boot counter
    /// on the disk before it returns.
    static func establish(
        _ database: Database, directory: String, nodeID: NodeID, partitions: Int
    ) throws(StoreOpenError) -> Identity {
        let meta = MetaReader(database: database, directory: directory)
        let known = try read(meta, nodeID: nodeID, partitions: partitions)
        var random = SystemRandomNumberGenerator()
        let identity = Identity(
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

    /// Nil for a directory that is new.
    private static func read(
        _ meta: MetaReader, nodeID: NodeID, partitions: Int
    ) throws(StoreOpenError) -> Identity? {
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
        else { throw .damaged(directory: directory, why: "its identity is not whole") }
        let ownerName = String(decoding: owner, as: UTF8.self)
        guard NodeID(ownerName) == nodeID else {
            throw .otherNode(directory: directory, stored: ownerName, given: nodeID.description)
        }
        guard Int(stored) == partitions else {
            throw .otherPartitions(directory: directory, stored: Int(stored), given: partitions)
        }
        return Identity(storeID: id, bootCounter: boot)
    }
}
