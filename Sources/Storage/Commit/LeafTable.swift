internal import Cluster

/// Every leaf record of every table, with the sums over partitions and tables that follow from them.
struct LeafTable: Sendable {
    private let partitionCount: Int
    private var tables: [TableID: TableLeaves] = [:]

    init(partitions: Int) {
        partitionCount = partitions
    }

    func sums(of address: LeafAddress) -> EntrySums {
        tables[address.table]?.leaves[address.place] ?? EntrySums()
    }

    func hasPlace(for address: LeafAddress) -> Bool { address.place.partition < partitionCount }

    mutating func set(_ sums: EntrySums, of address: LeafAddress) {
        tables[address.table, default: TableLeaves(partitions: partitionCount)].set(sums, of: address.place)
    }

    mutating func drop(_ table: TableID) {
        tables[table] = nil
    }

    func summary(of table: TableID) -> TableSummary {
        let known = tables[table] ?? TableLeaves(partitions: partitionCount)
        return TableSummary(total: known.total, partitions: known.partitions)
    }
}

private struct TableLeaves: Sendable {
    private(set) var leaves: [KeyPlace: EntrySums] = [:]
    private(set) var partitions: [EntrySums]
    private(set) var total = EntrySums()

    init(partitions: Int) {
        self.partitions = Array(repeating: EntrySums(), count: partitions)
    }

    mutating func set(_ sums: EntrySums, of place: KeyPlace) {
        precondition(place.partition < partitions.count, "a leaf lies in a partition that there is not")
        let partition = Int(place.partition)
        let before = leaves.updateValue(sums, forKey: place) ?? EntrySums()
        partitions[partition].remove(before)
        partitions[partition].add(sums)
        total.remove(before)
        total.add(sums)
    }
}
