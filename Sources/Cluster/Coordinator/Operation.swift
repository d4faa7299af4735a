internal import DequeModule

/// One running request. Its methods are called by the scheduler.
protocol Operation: AnyObject {
    var isFinished: Bool { get }
    func start()
    /// Asks further replicas, because those asked first are slow.
    func hedge()
    /// Answers that the operation timed out. Later answers of replicas are ignored.
    func expire(afterMilliseconds timeout: UInt64)
}

extension Operation {
    func hedge() {}
}

/// A queue of elements that become due in the order in which they were added, because all have the same delay.
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
