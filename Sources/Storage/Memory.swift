internal import Cluster

/// What the store keeps in memory of its meta rows and leaf records, as read when the database is opened.
struct Memory: Sendable {
    let catalog: [TableState]
    let clusterRecord: [UInt8]?
    let highestClock: HybridTimestamp
    let leaves: LeafTable
    let journal: LeafJournal

    /// Rows of dead tables are removed on the way, should a deletion have been cut short.
    init(reading database: Database, directory: String, partitions: Int) throws(StoreOpenError) {
        let meta = MetaReader(database: database, directory: directory)
        catalog = try meta.tables()
        let live = Catalog(catalog).liveIDs
        do throws(RocksFailure) {
            try TableRemains.sweep(database, live: live)
        } catch {
            throw StoreOpenError(error, directory: directory)
        }
        clusterRecord = try meta.bytes(MetaRow.cluster)
        highestClock = try meta.highestClock()
        var leaves = try meta.leaves(partitions: partitions)
        journal = try meta.replayJournal(onto: &leaves, live: live)
        self.leaves = leaves
    }
}
