internal import DequeModule

/// One request under way. Its methods are its continuations.
protocol Operation: AnyObject {
    var isFinished: Bool { get }
    func start()
    /// Answers that the operation timeout has passed. Whatever arrives later is ignored.
    func expire(afterMilliseconds timeout: UInt64)
}

/// Operations in the order they began. All have the same timeout, so the first is always the next to expire.
struct RunningOperations {
    private var operations: Deque<(deadline: UInt64, operation: any Operation)> = []

    /// Those that have not answered, and those that have but began after one that has not.
    var count: Int { operations.count }

    mutating func add(_ operation: any Operation, deadline: UInt64) {
        dropFinished()
        operations.append((deadline, operation))
    }

    mutating func expire(nowMilliseconds: UInt64, timeout: UInt64) {
        dropFinished()
        while let first = operations.first, first.deadline <= nowMilliseconds {
            operations.removeFirst()
            if !first.operation.isFinished { first.operation.expire(afterMilliseconds: timeout) }
        }
    }

    private mutating func dropFinished() {
        while let first = operations.first, first.operation.isFinished { operations.removeFirst() }
    }
}
