internal import Cluster

/// The changes that the commands of a running batch make to the state in memory. They become visible when the batch is
/// durable, and are dropped when its write fails.
struct StagedChanges {
    private var headers: [ItemAddress: EntryHeader] = [:]
    private(set) var leaves: [LeafAddress: EntrySums] = [:]
    private(set) var highestClock = HybridTimestamp(rawValue: 0)
    /// The hints that the batch stores or removes. A removed hint has the value nil.
    private var hints: [HintAddress: Hint?] = [:]
    /// The rows of the `meta` family that the batch changes, with their new contents.
    private(set) var meta = MetaSnapshot()
    /// The catalog after the batch has created or deleted a table, and the id of the deleted or replaced table if there
    /// is one. Nil if the batch changes no table.
    private(set) var catalog: (new: Catalog, droppedTable: TableID?)?

    mutating func removeAll() {
        headers.removeAll(keepingCapacity: true)
        leaves.removeAll(keepingCapacity: true)
        highestClock = HybridTimestamp(rawValue: 0)
        if !hints.isEmpty { hints.removeAll(keepingCapacity: true) }
        meta = MetaSnapshot()
        catalog = nil
    }
}

// Items.
extension StagedChanges {
    /// The version and the other stored data of an entry, except its value, as this batch writes them; nil if the batch
    /// does not write the entry.
    func header(of address: ItemAddress) -> EntryHeader? { headers[address] }

    /// Stages a written entry, which replaces `held`, the stored one, if there is one. `stored` returns the committed
    /// sums of a leaf; it is called when this batch has not changed the leaf yet.
    mutating func replace(
        _ held: EntryHeader?, by header: EntryHeader, at address: ItemAddress, leaf: LeafAddress,
        stored: (LeafAddress) -> EntrySums
    ) {
        headers[address] = header
        raiseClock(to: header.version.clock)
        var sums = leaves[leaf] ?? stored(leaf)
        if let held { sums.remove(held.sums(address)) }
        sums.add(header.sums(address))
        leaves[leaf] = sums
    }

    /// Removes a purged entry. Requires: the batch holds no other change of the entry.
    mutating func remove(
        _ held: EntryHeader, at address: ItemAddress, leaf: LeafAddress, stored: (LeafAddress) -> EntrySums
    ) {
        var sums = leaves[leaf] ?? stored(leaf)
        sums.remove(held.sums(address))
        leaves[leaf] = sums
    }

    private mutating func raiseClock(to clock: HybridTimestamp) { highestClock = max(highestClock, clock) }
}

// Hints.
extension StagedChanges {
    /// The hint as this batch leaves it. The outer optional is nil if the batch has not changed the hint, the inner one
    /// if the batch removes it.
    func hint(at address: HintAddress) -> Hint?? { hints[address] }

    /// Adds to the batch's changes that a hint is stored. `stored` is the committed hint totals of the hint's target.
    mutating func store(_ hint: Hint, replacing held: Hint?, at address: HintAddress, stored: HintTotals) {
        hints[address] = .some(hint)
        meta.hintTotals[hint.target, default: stored].store(hint, replacing: held)
    }

    /// Adds to the batch's changes that a hint is removed. `stored` is the committed hint totals of the hint's target.
    mutating func remove(
        _ held: Hint, at address: HintAddress, fate: HintSettlement.Fate, stored: HintTotals
    ) {
        hints.updateValue(nil, forKey: address)
        meta.hintTotals[held.target, default: stored].remove(held, fate)
    }
}

// Rows of `meta`.
extension StagedChanges {
    mutating func setCatalog(_ catalog: Catalog, dropping table: TableID?) { self.catalog = (catalog, table) }

    mutating func setClusterRow(_ row: ClusterRow, _ bytes: [UInt8]) { meta.cluster[row] = bytes }

    mutating func setStoreID(_ id: StoreID) { meta.storeID = id }

    /// A purge promise also raises the store's highest clock: the replica rejects versions up to the promise, so those
    /// that this node makes later must be above it.
    mutating func setPurgeMark(_ mark: PurgeMark, of partition: PartitionID) {
        meta.purgeMarks[partition] = mark
        raiseClock(to: mark.promised)
    }
}
