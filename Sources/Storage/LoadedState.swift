internal import Cluster

/// What the store keeps in memory of its meta rows and leaf records, as read when the database is opened.
struct LoadedState: Sendable {
    /// All of it but the leaves: what the commit thread goes on from.
    struct CommitState: Sendable {
        let catalog: [TableState]
        let kept: MetaSnapshot
        /// At least what was promised: a version stamped above it is above that too.
        let highestClock: HybridTimestamp
        let journal: LeafJournal
    }

    let ledger: CommitState
    let leaves: LeafTable

    /// Rows of dead tables are removed on the way, should a deletion have been cut short.
    init(reading database: Database, directory: String, partitions: Int) throws(StoreOpenError) {
        let meta = MetaReader(database: database, directory: directory)
        let catalog = try meta.tables()
        let live = Catalog(catalog).liveIDs
        do throws(RocksFailure) {
            try DroppedTableCleanup.sweep(database, live: live)
        } catch {
            throw StoreOpenError(error, directory: directory)
        }
        let kept = try meta.keptRows(partitions: partitions)
        let promised = kept.marks.values.map(\.promised).max()
        let committed = try meta.highestClock()
        var leaves = try meta.leaves(partitions: partitions)
        let journal = try meta.replayJournal(onto: &leaves, live: live)
        self.leaves = leaves
        ledger = CommitState(
            catalog: catalog, kept: kept, highestClock: promised.map { max($0, committed) } ?? committed,
            journal: journal)
    }
}
