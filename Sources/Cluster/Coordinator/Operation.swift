internal import DequeModule

/// One request under way. Its methods are its continuations.
protocol Operation: AnyObject {
    var isFinished: Bool { get }
    func start()
    /// Asks more replicas than are needed, because those asked are slow.
    func hedge()
    /// Answers that the operation timeout has passed. Whatever arrives later is ignored.
    func expire(afterMilliseconds timeout: UInt64)
}

extension Operation {
    func hedge() {}
}

/// Things that come due in the order in which they were added, because all wait equally long.
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
