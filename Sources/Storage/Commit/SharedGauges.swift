internal import Base

/// The store's gauges for the metrics page, such as free disk space and RocksDB's memory, as the commit thread last
/// read them. A scrape reads this copy, so that it makes no RocksDB call.
final class SharedGauges: Sendable {
    private let latest = Locked(StoreGauges())

    func publish(_ gauges: StoreGauges) {
        latest.withLock { $0 = gauges }
    }

    var current: StoreGauges { latest.withLock { $0 } }
}
