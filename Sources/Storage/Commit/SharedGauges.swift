internal import Base

/// The gauges as the commit thread last read them, so that a metrics scrape makes no RocksDB call.
final class SharedGauges: Sendable {
    private let latest = Locked(StoreGauges())

    func publish(_ gauges: StoreGauges) {
        latest.withLock { $0 = gauges }
    }

    var current: StoreGauges { latest.withLock { $0 } }
}
