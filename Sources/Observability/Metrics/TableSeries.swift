/// The series of one value of the `table` label, each resolved to its place in the slab. Whoever routes requests
/// keeps it in its own table object, so that a request costs no look-up by name. Loop-bound.
package final class TableSeries {
    /// The label: the table's name, `__other__` beyond the limit, empty for what concerns no table that exists.
    package let label: String

    struct Request: BitwiseCopyable {
        let count: Counter
        let duration: Histogram
    }

    struct Item {
        let success: Counter
        let failure: Counter
        /// Nil for puts, which miss no item, and where there is no table to miss it in.
        let notFound: Counter?
    }

    /// By operation and status, for the method that is usual.
    private let usual = HandleTable<Request>(count: RequestOperation.allCases.count * StatusClass.allCases.count)
    private var unusual: [UnusualKey: Request] = [:]
    private let items: [Item]
    private(set) var retiredAtNanoseconds: UInt64?
    private var isRemoved = false

    init(label: String, registry: MetricRegistry) {
        self.label = label
        items = ItemOperation.allCases.map { Item($0, table: label, registry: registry) }
    }

    private struct UnusualKey: Hashable {
        let method: RequestMethod
        let operation: RequestOperation
        let status: StatusClass
    }

    /// The series of such a request, made if this is the first; nil once the table's series are removed.
    @inline(__always)
    func request(
        _ method: RequestMethod, _ operation: RequestOperation, _ status: StatusClass, _ registry: MetricRegistry
    ) -> Request? {
        if method == operation.usualMethod, let known = usual[Self.cell(operation, status)] { return known }
        return lookUp(method, operation, status, registry)
    }

    private static func cell(_ operation: RequestOperation, _ status: StatusClass) -> Int {
        operation.rawValue * StatusClass.allCases.count + status.rawValue
    }

    @inline(never)
    private func lookUp(
        _ method: RequestMethod, _ operation: RequestOperation, _ status: StatusClass, _ registry: MetricRegistry
    ) -> Request? {
        if isRemoved { return nil }
        let key = UnusualKey(method: method, operation: operation, status: status)
        if let known = unusual[key] { return known }
        let made = Request(
            count: registry.counter(.httpRequests, method.label, operation.label, status.label, label),
            duration: registry.histogram(.httpRequestDuration, method.label, operation.label, status.label, label))
        if method == operation.usualMethod {
            usual[Self.cell(operation, status)] = made
        } else {
            unusual[key] = made
        }
        return made
    }

    func item(_ operation: ItemOperation) -> Item { items[operation.rawValue] }
}

// MARK: The end of a table

extension TableSeries {
    func retire(nowNanoseconds: UInt64) { retiredAtNanoseconds = nowNanoseconds }

    func revive() { retiredAtNanoseconds = nil }

    func remove(from registry: MetricRegistry) {
        precondition(!isRemoved, "the series of table \(label) were removed twice")
        isRemoved = true
        let requests = usual.takeAll() + unusual.values
        unusual = [:]
        registry.remove(.httpRequests, slots: Set(requests.map(\.count.slot)))
        registry.remove(.httpRequestDuration, slots: Set(requests.map(\.duration.slot)))
        registry.remove(.itemOperations, slots: Set(items.flatMap { [$0.success.slot, $0.failure.slot] }))
        registry.remove(.itemNotFound, slots: Set(items.compactMap(\.notFound?.slot)))
    }
}

extension TableSeries.Item {
    fileprivate init(_ operation: ItemOperation, table: String, registry: MetricRegistry) {
        success = registry.counter(.itemOperations, operation.label, "success", table)
        failure = registry.counter(.itemOperations, operation.label, "failure", table)
        let canMiss = operation != .put && !table.isEmpty
        notFound = canMiss ? registry.counter(.itemNotFound, operation.label, table) : nil
    }
}
