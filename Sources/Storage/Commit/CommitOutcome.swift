internal import Cluster

/// The result of one commit batch, sent from the commit thread to the event loop. Without a batch, it reports that the
/// store's state changed or that the database was reopened.
struct CommitOutcome: Sendable {
    /// One result for each command of the batch, in the order of submission.
    var results: [WriteResult] = []
    /// The figures of the batch. Nil without a batch, and when every command of the batch was refused.
    var report: CommitReport?
    /// The store's new state, set when the store began or stopped refusing writes.
    var state: StoreState?
    /// RocksDB's sequence number after the batch. Nil when the batch does not raise the sequence that is sent to peers.
    var durableSequence: UInt64?
    /// The contents of the database, set when it was reopened. They replace the tables and `meta` rows of all earlier
    /// outcomes.
    var reopened: Reopened?
    /// The rows of the `meta` family that the batch changed, with their new contents.
    var changes = MetaSnapshot()

    /// The contents of the database after the commit thread has closed it and opened it again. They may include a write
    /// that was reported as failed, because its rows may have reached RocksDB's log.
    struct Reopened: Sendable {
        let tables: [TableState]
        let meta: MetaSnapshot
    }
}
