internal import Cluster

/// The outcome of a batch as far as it has been judged, on top of what is on the disk. It is dropped if the batch
/// fails.
struct Staging {
    private var marks: [ItemAddress: EntryHeader] = [:]
    private(set) var leaves: [LeafAddress: EntrySums] = [:]
    private(set) var highestClock = HybridTimestamp(rawValue: 0)
    /// Nil inside for one that goes.
    private var hints: [HintAddress: Hint?] = [:]
    private(set) var hintTotals: [Int: HintTotals] = [:]

    func mark(of address: ItemAddress) -> EntryHeader? { marks[address] }

    /// `stored` is the leaf's record on the disk, asked for when this batch has not touched the leaf yet.
    mutating func replace(
        _ held: EntryHeader?, by mark: EntryHeader, at address: ItemAddress, leaf: LeafAddress,
        stored: (LeafAddress) -> EntrySums
    ) {
        marks[address] = mark
        highestClock = max(highestClock, mark.version.clock)
        var sums = leaves[leaf] ?? stored(leaf)
        if let held { sums.remove(held.sums(address)) }
        sums.add(mark.sums(address))
        leaves[leaf] = sums
    }

    /// An entry that is forgotten. Requires: nothing else of the batch concerns it.
    mutating func remove(
        _ held: EntryHeader, at address: ItemAddress, leaf: LeafAddress, stored: (LeafAddress) -> EntrySums
    ) {
        var sums = leaves[leaf] ?? stored(leaf)
        sums.remove(held.sums(address))
        leaves[leaf] = sums
    }

    mutating func removeAll() {
        marks.removeAll(keepingCapacity: true)
        leaves.removeAll(keepingCapacity: true)
        highestClock = HybridTimestamp(rawValue: 0)
        guard !hints.isEmpty else { return }
        hints.removeAll(keepingCapacity: true)
        hintTotals.removeAll(keepingCapacity: true)
    }
}

// Hints.
extension Staging {
    /// Nil outside when the batch has not touched it.
    func hint(at address: HintAddress) -> Hint?? { hints[address] }

    /// `stored` is the target's account on the disk.
    mutating func store(_ hint: Hint, replacing held: Hint?, at address: HintAddress, stored: HintTotals) {
        hints[address] = .some(hint)
        hintTotals[hint.target, default: stored].store(hint, replacing: held)
    }

    mutating func remove(
        _ held: Hint, at address: HintAddress, fate: HintSettlement.Fate, stored: HintTotals
    ) {
        hints.updateValue(nil, forKey: address)
        hintTotals[held.target, default: stored].remove(held, fate)
    }
}
