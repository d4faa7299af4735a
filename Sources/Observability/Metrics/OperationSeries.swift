/// What is counted of each operation, whatever its table: exact status codes, fine latency, slow ones. Loop-bound.
final class OperationSeries {
    private static let codes = 100...599
    /// Those that an operation is answered with some day: their series exist before the first of them.
    private static let expected = [400, 404, 500, 503]

    private let registry: MetricRegistry
    private let latencies: HandleTable<Histogram>
    private let slow: HandleTable<Counter>
    /// By operation and code.
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
        latencies[operation.rawValue] ?? makeLatency(operation)
    }

    @inline(never)
    private func makeLatency(_ operation: RequestOperation) -> Histogram {
        let made = registry.histogram(.httpRequestLatency, operation.label)
        latencies[operation.rawValue] = made
        return made
    }

    func slow(_ operation: RequestOperation) -> Counter {
        if let known = slow[operation.rawValue] { return known }
        let made = registry.counter(.slowRequests, operation.label)
        slow[operation.rawValue] = made
        return made
    }

    /// The series of a status code. One that is none counts as 500: it can only come from a bug of ours.
    @inline(__always)
    func response(_ operation: RequestOperation, _ code: Int) -> Counter {
        let known = Self.codes.contains(code) ? code : 500
        let place = operation.rawValue * Self.codes.count + known - Self.codes.lowerBound
        return responses[place] ?? make(operation, known, at: place)
    }

    @inline(never)
    private func make(_ operation: RequestOperation, _ code: Int, at place: Int) -> Counter {
        let made = registry.counter(.httpResponses, operation.label, String(code))
        responses[place] = made
        return made
    }
}

extension RequestOperation {
    /// Of an answer that is no error.
    fileprivate var usualCode: Int {
        switch self {
        case .createTable: 201
        case .preflight: 204
        case .unknown: 404
        case .invalid: 400
        default: 200
        }
    }
}
