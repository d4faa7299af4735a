internal import Cluster

/// The outcome of a batch as far as it has been judged, on top of what is on the disk. It is dropped if the batch
/// fails.
struct Staging {
    private var marks: [ItemAddress: EntryMark] = [:]
    private(set) var leaves: [LeafAddress: EntrySums] = [:]
    private(set) var highestClock = HybridTimestamp(rawValue: 0)

    func mark(of address: ItemAddress) -> EntryMark? { marks[address] }

    /// `stored` is the leaf's record on the disk, asked for when this batch has not touched the leaf yet.
    mutating func replace(
        _ held: EntryMark?, by mark: EntryMark, at address: ItemAddress, leaf: LeafAddress,
        stored: (LeafAddress) -> EntrySums
    ) {
        marks[address] = mark
        highestClock = max(highestClock, mark.version.clock)
        var sums = leaves[leaf] ?? stored(leaf)
        if let held { sums.remove(held.sums(address)) }
        sums.add(mark.sums(address))
        leaves[leaf] = sums
    }

    mutating func removeAll() {
        marks.removeAll(keepingCapacity: true)
        leaves.removeAll(keepingCapacity: true)
        highestClock = HybridTimestamp(rawValue: 0)
    }
}
