internal import Synchronization

/// The gauges as the commit thread last saw them, so that a scrape asks RocksDB nothing.
final class SharedGauges: Sendable {
    private let latest = Mutex(StoreGauges())

    func publish(_ gauges: StoreGauges) {
        latest.withLock { $0 = gauges }
    }

    var current: StoreGauges { latest.withLock { $0 } }
}
