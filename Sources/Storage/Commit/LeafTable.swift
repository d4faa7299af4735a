internal import Cluster

/// The leaf records of all tables, with the sums that follow from them: by partition and table, and over all tables
/// the digests that replicas compare in anti-entropy.
struct LeafTable: Sendable {
    private let partitionCount: Int
    private var tables: [TableID: TableLeaves] = [:]
    /// The XOR of the digests of all entries of a partition in all tables, indexed by partition.
    private(set) var roots: [UInt64]
    /// Numbers of tombstones in all tables, indexed by partition.
    private var tombstones: [UInt64]

    init(partitions: Int) {
        partitionCount = partitions
        roots = Array(repeating: 0, count: partitions)
        tombstones = roots
    }

    func sums(of address: LeafAddress) -> EntrySums {
        tables[address.table]?.leaves[address.place] ?? EntrySums()
    }

    /// Whether the partition of a leaf address exists. A damaged row may name one that does not.
    func hasPlace(for address: LeafAddress) -> Bool { address.place.partition.index < partitionCount }

    mutating func set(_ sums: EntrySums, of address: LeafAddress) {
        let before = tables[address.table, default: TableLeaves(partitions: partitionCount)]
            .set(sums, of: address.place)
        let partition = address.place.partition
        roots[partition] ^= before.digest ^ sums.digest
        tombstones[partition] = tombstones[partition] - before.tombstones + sums.tombstones
    }

    mutating func drop(_ table: TableID) {
        guard let dropped = tables.removeValue(forKey: table) else { return }
        for (partition, sums) in dropped.partitions.enumerated() {
            roots[partition] ^= sums.digest
            tombstones[partition] -= sums.tombstones
        }
    }

    func summary(of table: TableID) -> TableSummary {
        let known = tables[table] ?? TableLeaves(partitions: partitionCount)
        return TableSummary(total: known.total, partitions: known.partitions)
    }
}

// The digests, tombstone counts and tables of a partition or a leaf, over all tables.
extension LeafTable {
    func tombstones(of partition: PartitionID) -> UInt64 { tombstones[partition] }

    /// The digests of one partition's leaves over all tables, indexed by leaf.
    func leaves(of partition: PartitionID) -> [UInt64] {
        var digests = [UInt64](repeating: 0, count: KeyPlace.leavesPerPartition)
        for table in tables.values where !table.partitions[partition].isEmpty {
            for leaf in digests.indices {
                let place = KeyPlace(partition: partition, leaf: UInt8(leaf))
                digests[leaf] ^= table.leaves[place]?.digest ?? 0
            }
        }
        return digests
    }

    /// The tables that have an entry in the leaf, in ascending order.
    func tables(at place: KeyPlace) -> [TableID] {
        tables.filter { $0.value.leaves[place]?.isEmpty == false }.keys.sorted()
    }
}

private struct TableLeaves: Sendable {
    private(set) var leaves: [KeyPlace: EntrySums] = [:]
    private(set) var partitions: [EntrySums]
    private(set) var total = EntrySums()

    init(partitions: Int) {
        self.partitions = Array(repeating: EntrySums(), count: partitions)
    }

    /// Sets the sums of one leaf, and changes those of its partition and of the table accordingly. Returns the leaf's
    /// previous sums.
    mutating func set(_ sums: EntrySums, of place: KeyPlace) -> EntrySums {
        precondition(place.partition.index < partitions.count, "a leaf lies in a partition that does not exist")
        let partition = place.partition
        let before = leaves.updateValue(sums, forKey: place) ?? EntrySums()
        partitions[partition].remove(before)
        partitions[partition].add(sums)
        total.remove(before)
        total.add(sums)
        return before
    }
}
