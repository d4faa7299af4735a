/// Counts requests. One `record` a request: a few integer additions, no allocation, no look-up by name. Loop-bound.
///
/// The `table` label is bounded: it names only tables that exist, at most `maximumTables` of them. A table keeps the
/// label it was given while it lives: one that came when the limit was reached stays `__other__`. A dropped table's
/// series stay for a minute, then they are removed and their slots used again.
package final class HTTPMetrics {
    package static let otherLabel = "__other__"

    /// For requests that concern no table, or none that exists.
    package let global: TableSeries

    private let registry: MetricRegistry
    private let maximumTables: Int
    private let requestBytes: Histogram
    private let responseBytes: Histogram
    private let invalidRequestIDs: Counter
    private let seriesLimited: Counter
    private let operations: OperationSeries
    private let rejections: [Counter]
    private let shed: [Counter]
    private var tables: [String: TableSeries] = [:]
    private var other: TableSeries?
    private var retiredCount = 0

    package init(registry: MetricRegistry, maximumTables: Int = ObservabilityLimits.tables) {
        self.registry = registry
        self.maximumTables = maximumTables
        requestBytes = registry.histogram(.httpRequestBytes)
        responseBytes = registry.histogram(.httpResponseBytes)
        invalidRequestIDs = registry.counter(.httpInvalidRequestIDs)
        seriesLimited = registry.counter(.metricsSeriesLimited)
        operations = OperationSeries(registry: registry)
        rejections = RejectionReason.allCases.map { registry.counter(.httpRejections, $0.label) }
        shed = ShedReason.allCases.map { registry.counter(.requestsShed, $0.label) }
        global = TableSeries(label: "", registry: registry)
        prepare(global, RequestOperation.allCases.filter { !$0.isBetweenNodes })
    }

    private func prepare(_ table: TableSeries, _ operations: [RequestOperation]) {
        for operation in operations {
            for status in StatusClass.expected {
                _ = table.request(operation.usualMethod, operation, status, registry)
            }
        }
    }
}

// MARK: Requests

/// What is counted of a finished request.
package struct RequestMeasure: Sendable {
    package var method: RequestMethod
    package var operation: RequestOperation
    /// The status code, 100 to 599.
    package var status: Int
    package var durationNanoseconds: UInt64
    /// Head and body as received.
    package var requestBytes: UInt64
    /// The body as sent.
    package var responseBytes: UInt64

    package init(
        method: RequestMethod, operation: RequestOperation, status: Int, durationNanoseconds: UInt64,
        requestBytes: UInt64, responseBytes: UInt64
    ) {
        self.method = method
        self.operation = operation
        self.status = status
        self.durationNanoseconds = durationNanoseconds
        self.requestBytes = requestBytes
        self.responseBytes = responseBytes
    }
}

extension HTTPMetrics {
    /// Counts a finished request. `table` is the one it was routed to, `global` when there is none; one whose series
    /// are gone meanwhile is counted under `global`. `exemplar` names the request if its trace is recorded.
    package func record(_ request: RequestMeasure, table: TableSeries, exemplar: Exemplar? = nil) {
        guard let series = table.request(
            request.method, request.operation, StatusClass(code: request.status), registry)
        else { return record(request, table: global, exemplar: exemplar) }
        registry.increment(series.count)
        registry.record(request.durationNanoseconds, in: series.duration, exemplar: exemplar)
        if let exemplar, StatusClass(code: request.status) == .serverError {
            registry.note(exemplar, nanoseconds: request.durationNanoseconds, of: series.count)
        }
        registry.increment(operations.response(request.operation, request.status))
        registry.record(request.durationNanoseconds, in: operations.latency(request.operation))
        registry.record(request.requestBytes, in: requestBytes)
        registry.record(request.responseBytes, in: responseBytes)
        guard let operation = request.operation.item else { return }
        let item = table.item(operation)
        registry.increment(request.status < 400 ? item.success : item.failure)
        if request.status == 404, let notFound = item.notFound { registry.increment(notFound) }
    }

    package func countInvalidRequestID() {
        registry.increment(invalidRequestIDs)
    }

    package func countSlow(_ operation: RequestOperation) {
        registry.increment(operations.slow(operation))
    }

    package func countRejection(_ reason: RejectionReason) {
        registry.increment(rejections[reason.rawValue])
    }

    package func countShed(_ reason: ShedReason) {
        registry.increment(shed[reason.rawValue])
    }
}

// MARK: Tables

extension HTTPMetrics {
    /// The series of a table that exists. Call it once when the table appears and keep the result; a table made again
    /// within the minute after its drop goes on where it was.
    package func table(_ name: String) -> TableSeries {
        if let known = tables[name] {
            if known.retiredAtNanoseconds != nil {
                known.revive()
                retiredCount -= 1
            }
            return known
        }
        if name == Self.otherLabel { return sharedTable() }
        guard tables.count < maximumTables else {
            registry.increment(seriesLimited)
            return sharedTable()
        }
        let made = makeTable(label: name)
        tables[name] = made
        return made
    }

    /// The table was dropped. `nowNanoseconds` is of any clock that never goes back.
    package func retire(_ table: TableSeries, nowNanoseconds: UInt64) {
        guard tables[table.label] === table, table.retiredAtNanoseconds == nil else { return }
        table.retire(nowNanoseconds: nowNanoseconds)
        retiredCount += 1
    }

    /// Removes the series of tables dropped more than a minute ago. Call it every few seconds; it costs nothing while
    /// no table was dropped.
    package func removeRetired(nowNanoseconds: UInt64) {
        guard retiredCount > 0 else { return }
        for (name, table) in tables {
            guard let retiredAt = table.retiredAtNanoseconds,
                nowNanoseconds >= retiredAt + ObservabilityLimits.retiredTableNanoseconds
            else { continue }
            table.remove(from: registry)
            tables[name] = nil
            retiredCount -= 1
        }
    }

    /// Also serves a table whose own name is `__other__`.
    private func sharedTable() -> TableSeries {
        if let other { return other }
        let made = makeTable(label: Self.otherLabel)
        other = made
        return made
    }

    private func makeTable(label: String) -> TableSeries {
        let made = TableSeries(label: label, registry: registry)
        prepare(made, [.getItem, .putItem, .deleteItem])
        return made
    }
}
