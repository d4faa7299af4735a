/// The metric series with one value of the `table` label, each resolved to its handle. The object that describes the
/// table for routing holds it, so that a request needs no look-up by name. Only the event loop may use it.
package final class TableSeries {
    /// The value of the `table` label: the name of the table, `__other__` for a table beyond the limit, or empty for
    /// requests that concern no existing table.
    package let label: String

    struct Request: BitwiseCopyable {
        let count: Counter
        let duration: Histogram
    }

    /// The counters of one item operation. The struct holds no reference, so copying it for a request changes no
    /// reference count.
    struct Item: BitwiseCopyable {
        let success: Counter
        let failure: Counter
        /// Counts the reads or deletes that found no item. Nil for puts, which cannot miss an item, and for requests
        /// that concern no existing table.
        let notFound: Counter?
    }

    private static let cellCount = RequestOperation.allCases.count * StatusClass.allCases.count

    /// The request counters and durations for the usual HTTP method of each operation, such as GET for reading an item,
    /// by operation and status class.
    private let usual = HandleTable<Request>(count: cellCount)
    /// The request counters and durations for any other HTTP method than the usual one of the operation, by method,
    /// operation and status class.
    private var unusual: [Int: Request] = [:]
    private let items: LabelTable<ItemOperation, Item>
    private(set) var retiredAtNanoseconds: UInt64?
    private var isRemoved = false

    init(label: String, registry: MetricRegistry) {
        self.label = label
        items = LabelTable { Item($0, table: label, registry: registry) }
    }

    /// Returns the series of requests with these labels, which is registered on first use. Returns nil once the series
    /// of the table are removed.
    @inline(__always)
    func request(
        _ method: RequestMethod, _ operation: RequestOperation, _ status: StatusClass, _ registry: MetricRegistry
    ) -> Request? {
        let cell = operation.ordinal * StatusClass.allCases.count + status.ordinal
        let isUsual = method.ordinal == operation.usualMethod.ordinal
        if isUsual, let known = usual[cell] { return known }
        return lookUp(method, operation, status, isUsual ? nil : method.ordinal * Self.cellCount + cell, registry)
    }

    /// Returns the series of requests with these labels and registers it on first use. `unusualKey` is nil if the
    /// request has the usual method of its operation.
    @inline(never)
    private func lookUp(
        _ method: RequestMethod, _ operation: RequestOperation, _ status: StatusClass, _ unusualKey: Int?,
        _ registry: MetricRegistry
    ) -> Request? {
        if isRemoved { return nil }
        if let unusualKey, let known = unusual[unusualKey] { return known }
        let (method, name, code) = (method.rawValue, operation.rawValue, status.rawValue)
        let series = Request(
            count: registry.counter(.httpRequests, method, name, code, label),
            duration: registry.histogram(.httpRequestDuration, method, name, code, label))
        if let unusualKey {
            unusual[unusualKey] = series
        } else {
            usual[operation.ordinal * StatusClass.allCases.count + status.ordinal] = series
        }
        return series
    }

    func item(_ operation: ItemOperation) -> Item { items[operation] }
}

// MARK: Removal

extension TableSeries {
    func retire(nowNanoseconds: UInt64) { retiredAtNanoseconds = nowNanoseconds }

    func revive() { retiredAtNanoseconds = nil }

    func remove(from registry: MetricRegistry) {
        precondition(!isRemoved, "the series of table \(label) were removed twice")
        isRemoved = true
        let requests = usual.removeAll() + unusual.values
        unusual = [:]
        let items = ItemOperation.allCases.map { self.items[$0] }
        registry.remove(.httpRequests, slots: Set(requests.map(\.count.slot)))
        registry.remove(.httpRequestDuration, slots: Set(requests.map(\.duration.slot)))
        registry.remove(.itemOperations, slots: Set(items.flatMap { [$0.success.slot, $0.failure.slot] }))
        registry.remove(.itemNotFound, slots: Set(items.compactMap(\.notFound?.slot)))
    }
}

extension TableSeries.Item {
    fileprivate init(_ operation: ItemOperation, table: String, registry: MetricRegistry) {
        let results = LabelTable<SuccessLabel, Counter> {
            registry.counter(.itemOperations, operation.rawValue, $0.rawValue, table)
        }
        (success, failure) = (results[.success], results[.failure])
        let canMiss = operation != .put && !table.isEmpty
        notFound = canMiss ? registry.counter(.itemNotFound, operation.rawValue, table) : nil
    }
}
