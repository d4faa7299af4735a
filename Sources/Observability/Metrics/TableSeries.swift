/// The series of one value of the `table` label, each resolved to its place in the slab. Whoever routes requests
/// keeps it in its own table object, so that a request costs no look-up by name. Loop-bound.
package final class TableSeries {
    /// The label: the table's name, `_other` beyond the limit, empty for what concerns no table that exists.
    package let label: String

    struct Request {
        let count: Counter
        let duration: Histogram
    }

    struct Item {
        let success: Counter
        let failure: Counter
        /// Nil for puts, which miss no item, and where there is no table to miss it in.
        let notFound: Counter?
    }

    /// By operation, then by method and status; a row is filled at the first request of its operation.
    private var requests: [[Request?]]
    private let items: [Item]
    private(set) var retiredAtNanoseconds: UInt64?
    private(set) var isRemoved = false

    init(label: String, registry: MetricRegistry) {
        self.label = label
        requests = Array(repeating: [], count: RequestOperation.allCases.count)
        items = ItemOperation.allCases.map { Item($0, table: label, registry: registry) }
    }

    /// The series of such a request, made if this is the first.
    @inline(__always)
    func request(
        _ method: RequestMethod, _ operation: RequestOperation, _ status: StatusClass, _ registry: MetricRegistry
    ) -> Request {
        let cell = method.rawValue * StatusClass.allCases.count + status.rawValue
        if cell < requests[operation.rawValue].count, let known = requests[operation.rawValue][cell] { return known }
        return make(method, operation, status, registry)
    }

    @inline(never)
    private func make(
        _ method: RequestMethod, _ operation: RequestOperation, _ status: StatusClass, _ registry: MetricRegistry
    ) -> Request {
        if requests[operation.rawValue].isEmpty {
            let cellCount = RequestMethod.allCases.count * StatusClass.allCases.count
            requests[operation.rawValue] = Array(repeating: nil, count: cellCount)
        }
        let made = Request(
            count: registry.counter(.httpRequests, method.label, operation.label, status.label, label),
            duration: registry.histogram(.httpRequestDuration, method.label, operation.label, status.label, label))
        requests[operation.rawValue][method.rawValue * StatusClass.allCases.count + status.rawValue] = made
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
        let cells = requests.joined().compactMap { $0 }
        registry.remove(.httpRequests, slots: Set(cells.map(\.count.slot)))
        registry.remove(.httpRequestDuration, slots: Set(cells.map(\.duration.slot)))
        registry.remove(.itemOperations, slots: Set(items.flatMap { [$0.success.slot, $0.failure.slot] }))
        registry.remove(.itemNotFound, slots: Set(items.compactMap(\.notFound?.slot)))
        requests = []
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
