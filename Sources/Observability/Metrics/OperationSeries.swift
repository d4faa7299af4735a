/// The metric series of each operation over all tables: responses by exact status code, latencies in fine buckets, and
/// slow requests. Only the event loop may use it.
final class OperationSeries {
    private static let codes = 100...599
    /// The status codes of errors that any operation can return. Series with these codes exist before the first
    /// response.
    private static let expected = [400, 404, 500, 503]

    private let registry: MetricRegistry
    private let latencies: HandleTable<Histogram>
    private let slow: HandleTable<Counter>
    /// The counters of responses, ordered by operation, then by status code.
    private let responses: HandleTable<Counter>

    init(registry: MetricRegistry) {
        self.registry = registry
        let operations = RequestOperation.allCases
        latencies = HandleTable(count: operations.count)
        slow = HandleTable(count: operations.count)
        responses = HandleTable(count: operations.count * Self.codes.count)
        for operation in operations where !operation.isBetweenNodes {
            _ = latency(operation)
            _ = slow(operation)
            for code in [operation.usualCode] + Self.expected { _ = response(operation, code) }
        }
    }

    @inline(__always)
    func latency(_ operation: RequestOperation) -> Histogram {
        latencies[operation.ordinal] ?? registerLatency(operation)
    }

    @inline(never)
    private func registerLatency(_ operation: RequestOperation) -> Histogram {
        let histogram = registry.histogram(.httpRequestLatency, operation.rawValue)
        latencies[operation.ordinal] = histogram
        return histogram
    }

    func slow(_ operation: RequestOperation) -> Counter {
        if let known = slow[operation.ordinal] { return known }
        let counter = registry.counter(.slowRequests, operation.rawValue)
        slow[operation.ordinal] = counter
        return counter
    }

    /// Returns the counter of responses with a status code. A code outside 100 to 599, which only a bug can produce,
    /// counts as 500.
    @inline(__always)
    func response(_ operation: RequestOperation, _ code: Int) -> Counter {
        let known = Self.codes.contains(code) ? code : 500
        let place = operation.ordinal * Self.codes.count + known - Self.codes.lowerBound
        return responses[place] ?? register(operation, known, at: place)
    }

    @inline(never)
    private func register(_ operation: RequestOperation, _ code: Int, at place: Int) -> Counter {
        let counter = registry.counter(.httpResponses, operation.rawValue, String(code))
        responses[place] = counter
        return counter
    }
}
