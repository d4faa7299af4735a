/// Counts HTTP requests. Counting a request takes a few integer additions, without allocation or look-up by name. Only
/// the event loop may use it.
///
/// The number of values of the `table` label is limited: the label names only existing tables, at most `maximumTables`
/// of them. A table keeps its label until it is dropped; a table created beyond the limit keeps `__other__`. The series
/// of a dropped table stay on the metrics page for a minute; then they are removed and their memory is reused.
package final class HTTPMetrics {
    package static let otherLabel = "__other__"

    /// The series of requests that concern no existing table.
    package let global: TableSeries

    private let registry: MetricRegistry
    private let maximumTables: Int
    private let requestBytes: Histogram
    private let responseBytes: Histogram
    private let invalidRequestIDs: Counter
    private let seriesLimited: Counter
    private let operations: OperationSeries
    private let rejections: LabelTable<RejectionReason, Counter>
    private let shed: LabelTable<ShedReason, Counter>
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
        rejections = LabelTable { registry.counter(.httpRejections, $0.rawValue) }
        shed = LabelTable { registry.counter(.requestsShed, $0.rawValue) }
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

/// The measurements of a finished HTTP request, for the metrics.
package struct RequestMeasure: Sendable {
    package var method: RequestMethod
    package var operation: RequestOperation
    /// The status code of the response, 100 to 599.
    package var status: Int
    package var durationNanoseconds: UInt64
    /// The size of the head and the body of the request as received, in bytes.
    package var requestBytes: UInt64
    /// The size of the response body as sent, in bytes.
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
    /// Counts a finished request. `table` has the series of the table that the request concerns, or is `global` without
    /// a table; if the series of the table were removed meanwhile, the request also counts as `global`. `exemplar`
    /// identifies the request if its trace is recorded.
    package func record(_ request: RequestMeasure, table: TableSeries, exemplar: Exemplar? = nil) {
        guard let series = table.request(
            request.method, request.operation, StatusClass(code: request.status), registry)
        else { return record(request, table: global, exemplar: exemplar) }
        registry.increment(series.count)
        registry.record(request.durationNanoseconds, in: series.duration, exemplar: exemplar)
        if let exemplar, case .serverError = StatusClass(code: request.status) {
            registry.attach(exemplar, nanoseconds: request.durationNanoseconds, to: series.count)
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
        registry.increment(rejections[reason])
    }

    package func countShed(_ reason: ShedReason) {
        registry.increment(shed[reason])
    }
}

// MARK: Tables

extension HTTPMetrics {
    /// Returns the series for requests of an existing table. Call it once when the table is created and keep the
    /// result. A table that is created again within a minute after its drop continues its old series.
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
        let series = makeTable(label: name)
        tables[name] = series
        return series
    }

    /// Marks the series of a dropped table for removal a minute later. `nowNanoseconds` is from a monotonic clock.
    package func retire(_ table: TableSeries, nowNanoseconds: UInt64) {
        guard tables[table.label] === table, table.retiredAtNanoseconds == nil else { return }
        table.retire(nowNanoseconds: nowNanoseconds)
        retiredCount += 1
    }

    /// Removes the series of tables that were dropped more than a minute ago from the metrics page. Call it every few
    /// seconds; it does nothing unless a table was dropped.
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

    /// Returns the series with the label `__other__`, which all tables beyond the limit share. A table that has the
    /// name `__other__` uses them too.
    private func sharedTable() -> TableSeries {
        if let other { return other }
        let series = makeTable(label: Self.otherLabel)
        other = series
        return series
    }

    private func makeTable(label: String) -> TableSeries {
        let series = TableSeries(label: label, registry: registry)
        prepare(series, [.getItem, .putItem, .deleteItem])
        return series
    }
}
