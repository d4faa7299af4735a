internal import Cluster
internal import Synchronization

/// What the commit thread has to tell the loop.
struct Delivery: Sendable {
    /// One for each command taken, in the order of submission.
    var results: [WriteResult] = []
    /// The same results, cut where one batch ended.
    var batches: [Batch] = []
    struct Batch: Sendable {
        let resultCount: Int
        /// Nil of a batch that was refused.
        let report: CommitReport?
    }

    /// The last change, if there was one.
    var state: StoreState?
    /// The durable sequence after the last commit, if there was one.
    var sequence: UInt64?
    /// What the disk turned out to hold after a reopening: a write whose fate was unknown may be there.
    struct Reopened: Sendable {
        let tables: [TableState]
        let kept: MetaSnapshot
    }

    var reopened: Reopened?
    /// What has changed since, if it was reopened.
    var changes = MetaSnapshot()
}

/// Where answers wait until the loop has been woken. It holds at most what the loop has submitted and not yet fetched.
final class Outbox: Sendable {
    private let waiting = Mutex(Delivery())
    private let wake: @Sendable () -> Void

    init(wake: @escaping @Sendable () -> Void) {
        self.wake = wake
    }

    /// From the commit thread, once a batch.
    func deliver(_ news: Delivery) {
        waiting.withLock { waiting in
            waiting.results += news.results
            waiting.batches += news.batches
            waiting.state = news.state ?? waiting.state
            waiting.sequence = news.sequence ?? waiting.sequence
            if let reopened = news.reopened {
                waiting.reopened = reopened
                waiting.changes = MetaSnapshot()
            }
            waiting.changes.merge(news.changes)
        }
        wake()
    }

    /// From the loop.
    func fetch() -> Delivery {
        waiting.withLock { waiting in
            let news = waiting
            waiting = Delivery()
            return news
        }
    }
}
