internal import Base
internal import Cluster

// Queries over many rows of a simulated disk: scan pages, sums of partitions, Merkle trees.

extension Page {
    init(of rows: [(key: ItemKey, item: StoredItem)], _ request: PageRequest) {
        let matching = rows.filter { request.matches($0.key.bytes) }
        var entries: [Entry] = []
        var bytes = 0
        for row in request.reverse ? matching.reversed() : matching {
            if entries.count >= request.limit || bytes >= request.maximumBytes { break }
            let value = request.keysOnly ? [] : row.item.value
            bytes += row.key.bytes.count + value.count
            entries.append(
                Entry(
                    key: row.key,
                    item: StoredItem(version: row.item.version, isTombstone: row.item.isTombstone, value: value)))
        }
        self.init(entries: entries, next: entries.count < matching.count ? entries.last?.key : nil)
    }
}

extension PageRequest {
    fileprivate func matches(_ key: [UInt8]) -> Bool {
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
            let partition = KeyPlace(key: row.key, partitions: partitions).partition
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

// The simulated disk's answers to anti-entropy: root digests, leaf digests and rows, computed from the items.
extension SimulatedDisk {
    func roots(partitions: Int) -> [UInt64] {
        var roots = Array(repeating: UInt64(0), count: partitions)
        for (address, item) in items {
            roots[KeyPlace(key: address.key, partitions: partitions).partition] ^= Self.digest(address, item)
        }
        return roots
    }

    func leaves(of partition: PartitionID, partitions: Int) -> [UInt64] {
        var leaves = Array(repeating: UInt64(0), count: KeyPlace.leavesPerPartition)
        for (address, item) in items {
            let place = KeyPlace(key: address.key, partitions: partitions)
            if place.partition == partition { leaves[Int(place.leaf)] ^= Self.digest(address, item) }
        }
        return leaves
    }

    func tombstones(of partition: PartitionID, partitions: Int) -> UInt64 {
        UInt64(
            items.count { address, item in
                item.isTombstone && KeyPlace(key: address.key, partitions: partitions).partition == partition
            })
    }

    func list(_ request: LeafRequest, partitions: Int) -> LeafList {
        let rows = items.filter { KeyPlace(key: $0.key.key, partitions: partitions) == request.place }
            .map { LeafList.Row(place: RowPlace(table: $0.key.table, key: $0.key.key), held: HeldVersion($0.value)) }
            .filter { row in request.after.map { row.place > $0 } ?? true }
            .sorted { $0.place < $1.place }
        return LeafList(rows: Array(rows.prefix(request.limit)), hasMore: rows.count > request.limit)
    }

    /// The version of each item of a partition, without the tombstones up to the purge mark `purged`.
    func versions(of partition: PartitionID, _ partitions: Int, purged: HybridTimestamp) -> [Address: Version] {
        items.filter { address, item in
            KeyPlace(key: address.key, partitions: partitions).partition == partition
                && !(item.isTombstone && item.version.clock <= purged)
        }.mapValues(\.version)
    }

    private static func digest(_ address: Address, _ item: StoredItem) -> UInt64 {
        var bytes = address.key.bytes
        bytes.appendBigEndian(address.table.rawValue)
        if !PlantedFault.leafNotUpdated.isPlanted { item.version.append(to: &bytes) }
        return xxh3(bytes)
    }
}
