internal import Cluster

/// The contents of the database that the commit thread keeps in memory to judge commands. Belongs to that thread; only
/// `leaves` is shared.
///
/// Invariant: between batches it equals what is on the disk. It changes in `apply`, after a batch is durable, and in
/// `reload`, after the database was reopened.
final class CommitState {
    private(set) var catalog: Catalog
    private(set) var liveTables: Set<TableID>
    private(set) var highestClock: HybridTimestamp
    /// The committed purge marks, indexed by partition.
    private(set) var purgeMarks: [PurgeMark]
    /// The committed hint totals, keyed by the member index of the hints' target.
    private(set) var hintTotals: [MemberIndex: HintTotals]
    let leaves: SharedLeaves

    /// Creates the commit thread's state from `loaded`. Requires: `leaves` holds the leaf sums of `loaded`.
    init(_ loaded: LoadedState, leaves: SharedLeaves, partitions: Int) {
        catalog = Catalog(loaded.tables)
        liveTables = catalog.liveIDs
        highestClock = loaded.highestClock
        purgeMarks = loaded.meta.purgeMarks(partitions: partitions)
        hintTotals = loaded.meta.hintTotals
        self.leaves = leaves
    }

    /// Applies the changes of one batch to the state in memory. Called when the batch is durable.
    func apply(_ changes: StagedChanges) {
        if let (catalog, droppedTable) = changes.catalog {
            self.catalog = catalog
            liveTables = catalog.liveIDs
            if let droppedTable { leaves.drop(droppedTable) }
        }
        highestClock = max(highestClock, changes.highestClock)
        for (partition, mark) in changes.meta.purgeMarks { purgeMarks[partition] = mark }
        if !changes.meta.hintTotals.isEmpty { hintTotals.merge(changes.meta.hintTotals) { $1 } }
        if !changes.leaves.isEmpty { leaves.apply(changes.leaves) }
    }

    /// Replaces the whole state in memory by the contents of a reopened database.
    func reload(_ loaded: LoadedState) {
        catalog = Catalog(loaded.tables)
        liveTables = catalog.liveIDs
        highestClock = max(highestClock, loaded.highestClock)
        purgeMarks = loaded.meta.purgeMarks(partitions: purgeMarks.count)
        hintTotals = loaded.meta.hintTotals
        leaves.replaceAll(by: loaded.leaves)
    }
}
