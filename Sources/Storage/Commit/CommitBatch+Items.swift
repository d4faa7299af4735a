internal import Base
internal import Cluster

// Judges commands that store items, and stages the rows of those accepted.

extension CommitBatch {
    mutating func judge(_ write: ReplicaWrite, against state: CommitState, in database: Database) -> WriteResult {
        guard state.liveTables.contains(write.table) else { return .tableDeleted }
        let address = ItemAddress(table: write.table, key: write.key)
        let hash = encodeItemKey(of: address)
        let held: EntryHeader?
        do throws(StoreError) {
            held = try heldHeader(of: address, hash: hash, in: database)
        } catch {
            return .refused(.inputOutput("\(error)"))
        }
        let header = EntryHeader(of: write.item)
        if let held, header.conflicts(with: held) { report.conflicts += 1 }
        if let held, !header.replaces(held) { return .superseded(by: held.version) }
        let place = KeyPlace(key: write.key, partitions: options.partitions)
        let mark = state.purgeMarks[place.partition]
        if write.item.version.clock <= mark.promised,
            let verdict = mark.verdict(on: write, held: held?.heldVersion)
        { return verdict }
        let leaf = LeafAddress(table: write.table, place: place)
        staged.replace(held, by: header, at: address, leaf: leaf, stored: state.leaves.sums)
        versions.store(header, of: address, hash: hash)
        record.removeAll(keepingCapacity: true)
        ItemRecord.append(write.item, header: header, to: &record)
        rows.put(database.handle(.items), key: itemKey, value: record)
        if held == nil {
            rows.put(database.handle(.index), key: RowKey.index(leaf, write.key.bytes), value: [])
        }
        report.applied += 1
        report.bytes += write.key.bytes.count + write.item.value.count
        return .committed
    }

    /// Encodes the row key of the item at `address` into `itemKey` and returns the XXH3 hash of that row key.
    mutating func encodeItemKey(of address: ItemAddress) -> UInt64 {
        itemKey.removeAll(keepingCapacity: true)
        RowKey.appendItem(address.table, address.key.bytes, to: &itemKey)
        return xxh3(itemKey)
    }

    /// Looks up the header of an entry: in the cache of recent headers, among this batch's changes, then in RocksDB.
    /// Requires: `itemKey` is the entry's row key.
    mutating func heldHeader(
        of address: ItemAddress, hash: UInt64, in database: Database
    ) throws(StoreError) -> EntryHeader? {
        if let header = versions.header(of: address, hash: hash) ?? staged.header(of: address) { return header }
        report.lookups += 1
        return try database.header(of: address, row: itemKey, tier: .disk)
    }
}

extension StoreError {
    init(_ failure: RocksFailure) {
        self = failure.isCorruption ? .damaged(failure.message) : .inputOutput(failure.message)
    }

    init(_ damage: ItemRecord.Damage, of address: ItemAddress) {
        let key = String(repairing: address.key.bytes.span)
        self = .damaged("the record of key \(key) in table \(address.table.rawValue.hex): \(damage)")
    }
}
