/// The series of each operation over all tables: exact status codes, fine latency buckets, slow requests. Loop-bound.
final class OperationSeries {
    private static let codes = 100...599
    /// The error codes that any operation can return. Their series exist before the first response.
    private static let expected = [400, 404, 500, 503]

    private let registry: MetricRegistry
    private let latencies: HandleTable<Histogram>
    private let slow: HandleTable<Counter>
    /// The places are ordered by operation, then by status code.
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

    /// The series of a status code. A code outside 100 to 599, which only a bug can produce, counts as 500.
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
