internal import Base
internal import Cluster

// What a disk says of many rows at once.

extension Page {
    init(of rows: [(key: ItemKey, item: StoredItem)], _ request: PageRequest) {
        let wanted = rows.filter { request.wants($0.key.bytes) }
        var entries: [Entry] = []
        var bytes = 0
        for row in request.reverse ? wanted.reversed() : wanted {
            if entries.count >= request.limit || bytes >= request.maximumBytes { break }
            let value = request.keysOnly ? [] : row.item.value
            bytes += row.key.bytes.count + value.count
            entries.append(
                Entry(
                    key: row.key,
                    item: StoredItem(version: row.item.version, isTombstone: row.item.isTombstone, value: value)))
        }
        self.init(entries: entries, next: entries.count < wanted.count ? entries.last?.key : nil)
    }
}

extension PageRequest {
    fileprivate func wants(_ key: [UInt8]) -> Bool {
        if let start, key.lexicographicallyPrecedes(start) { return false }
        if let end, !key.lexicographicallyPrecedes(end) { return false }
        guard key.starts(with: prefix) else { return false }
        guard let after else { return true }
        return reverse ? key.lexicographicallyPrecedes(after) : after.lexicographicallyPrecedes(key)
    }
}

extension SimulatedDisk {
    func sums(of table: TableID, partitions: Int) -> [PartitionSums] {
        var sums = Array(repeating: PartitionSums(hash: 0, live: 0, tombstones: 0, bytes: 0), count: partitions)
        for row in rows(of: table) {
            let partition = Int(KeyPlace(key: row.key, partitions: partitions).partition)
            var bytes = row.key.bytes
            row.item.version.append(to: &bytes)
            bytes.append(contentsOf: row.item.value)
            let before = sums[partition]
            sums[partition] = PartitionSums(
                hash: before.hash ^ xxh3(bytes), live: before.live + (row.item.isTombstone ? 0 : 1),
                tombstones: before.tombstones + (row.item.isTombstone ? 1 : 0),
                bytes: before.bytes + UInt64(row.key.bytes.count + row.item.value.count))
        }
        return sums
    }
}
