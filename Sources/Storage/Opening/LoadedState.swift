internal import Cluster

/// The part of the database that the store keeps in memory, as read when the database was opened.
struct LoadedState: Sendable {
    /// Every row of the catalog, deleted tables included.
    let tables: [TableState]
    let meta: MetaSnapshot
    /// The highest clock in the store: at least the clock of every committed version and of every purge promise.
    let highestClock: HybridTimestamp
    let journal: LeafJournal
    let leaves: LeafTable

    /// Reads the state from the database. Also removes rows of deleted tables that an interrupted deletion left behind.
    init(reading database: Database, directory: String, partitions: Int) throws(StoreOpenError) {
        let reader = MetaReader(database: database, directory: directory)
        tables = try reader.tables()
        let live = Catalog(tables).liveIDs
        do throws(RocksFailure) {
            try DroppedTableCleanup.removeRows(database, live: live)
        } catch {
            throw StoreOpenError(error, directory: directory)
        }
        meta = try reader.snapshot(partitions: partitions)
        let promised = meta.purgeMarks.values.map(\.promised).max()
        let committed = try reader.highestClock()
        highestClock = promised.map { max($0, committed) } ?? committed
        var leaves = try reader.leaves(partitions: partitions)
        journal = try reader.replayJournal(onto: &leaves, live: live)
        self.leaves = leaves
    }
}
