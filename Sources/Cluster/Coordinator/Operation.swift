internal import DequeModule

/// A running client operation.
protocol Operation: AnyObject {
    var isFinished: Bool { get }
    func start()
    /// Calls more replicas than needed, because those called first are slow.
    func hedge()
    /// Completes the operation with a timeout. Later answers are ignored.
    func expire(afterMilliseconds timeout: UInt64)
}

extension Operation {
    func hedge() {}
}

/// A queue of elements that all become due after the same delay, so they are due in insertion order.
struct DelayQueue<Element> {
    let delayMilliseconds: UInt64
    private var waiting: Deque<(due: UInt64, element: Element)> = []

    init(delayMilliseconds: UInt64) {
        self.delayMilliseconds = delayMilliseconds
    }

    var count: Int { waiting.count }

    mutating func add(_ element: Element, nowMilliseconds: UInt64) {
        waiting.append((nowMilliseconds + delayMilliseconds, element))
    }

    mutating func dropFirst(while isDone: (Element) -> Bool) {
        while let first = waiting.first, isDone(first.element) { waiting.removeFirst() }
    }

    mutating func takeDue(nowMilliseconds: UInt64) -> [Element] {
        var due: [Element] = []
        while let first = waiting.first, first.due <= nowMilliseconds {
            waiting.removeFirst()
            due.append(first.element)
        }
        return due
    }
}
