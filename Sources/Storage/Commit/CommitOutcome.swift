internal import Cluster

/// The result of one commit batch, sent from the commit thread to the event loop. Without a batch, it reports that the
/// store's state changed or that the database was reopened.
struct CommitOutcome: Sendable {
    /// One result for each command of the batch, in the order of submission.
    var results: [WriteResult] = []
    /// Nil when every command of the batch was refused.
    var report: CommitReport?
    /// Set when the store began or stopped refusing writes.
    var state: StoreState?
    /// RocksDB's sequence number after the batch. Nil when the batch does not raise the sequence that is sent to peers.
    var durableSequence: UInt64?
    /// Set when the database was reopened; replaces all that earlier outcomes said of these rows.
    var reopened: Reopened?
    /// Rows of `meta` that the batch changed.
    var changes = MetaSnapshot()

    /// The contents of a database that was reopened. A write that failed before may be among them.
    struct Reopened: Sendable {
        let tables: [TableState]
        let meta: MetaSnapshot
    }
}
