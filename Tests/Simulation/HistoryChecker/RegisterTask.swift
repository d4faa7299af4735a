/// What is left to search once everything that decides itself has been taken out of a key's history.
///
/// - Writes that may never take effect and whose value no strong read returned: leaving them out of a linearization
///   leaves it lawful, so they are dropped.
/// - Such writes whose value a strong read did return have taken effect before that read returned, and need not have
///   before one was called: they become writes that must take effect between the two.
/// - Deletes that may never take effect do not differ from one another except in when they may begin: they are spare,
///   and kept as lists of times.
struct RegisterTask {
    /// 0 is "no item"; every written value has a number of its own.
    typealias Value = Int

    struct Step {
        let called: UInt64
        let returned: UInt64
        let value: Value
        let isWrite: Bool
        let source: Int
    }

    static let absent: Value = 0

    /// In order of call.
    private(set) var steps: [Step] = []
    /// When strong deletes that need not take effect were called, in order.
    private(set) var spareDeletes: [UInt64] = []
    /// The same of eventual ones: they may stand earlier, but not to reads that had returned.
    private(set) var eventualDeletes: [UInt64] = []
    /// By value: the steps that read it.
    private(set) var reads: [[Int]] = [[]]

    /// Of a history that `KeyHistory.strayRead` has found nothing wrong with.
    init(_ history: [HistoryOperation]) {
        var numbers: [String: Value] = [:]
        for operation in history {
            if case .put(let value) = operation.action { numbers[value] = numbers.count + 1 }
        }
        let reading = Self.reading(of: history, numbers)
        for (source, operation) in history.enumerated() where operation.outcome != .notApplied {
            add(operation, source, numbers, reading)
        }
        steps.sort { ($0.called, $0.source) < ($1.called, $1.source) }
        spareDeletes.sort()
        eventualDeletes.sort()
        reads = Array(repeating: [], count: numbers.count + 1)
        for (index, step) in steps.enumerated() where !step.isWrite { reads[step.value].append(index) }
    }

    private mutating func add(
        _ operation: HistoryOperation, _ source: Int, _ numbers: [String: Value], _ reading: [Reading]
    ) {
        switch operation.action {
        case .read(let found):
            guard operation.isConclusiveRead, let returned = operation.returned else { return }
            let value = found.flatMap { numbers[$0] } ?? Self.absent
            append(operation.called, returned, value, isWrite: false, source)
        case .delete:
            if operation.mustTakeEffect, let returned = operation.returned {
                append(operation.called, returned, Self.absent, isWrite: true, source)
            } else if operation.isStrong {
                spareDeletes.append(operation.called)
            } else {
                eventualDeletes.append(operation.called)
            }
        case .put(let text):
            guard let value = numbers[text] else { return }
            let reading = reading[value]
            if operation.mustTakeEffect, let returned = operation.returned {
                append(operation.called, min(returned, reading.firstReturn), value, isWrite: true, source)
            } else if reading.firstReturn < .max {
                let called = operation.isStrong ? max(operation.called, reading.firstCall) : reading.firstCall
                append(called, reading.firstReturn, value, isWrite: true, source)
            }
        }
    }

    private mutating func append(
        _ called: UInt64, _ returned: UInt64, _ value: Value, isWrite: Bool, _ source: Int
    ) {
        steps.append(Step(called: called, returned: returned, value: value, isWrite: isWrite, source: source))
    }

    /// When the first of the strong reads of a value was called, and when one first returned; the end of time if there
    /// is none.
    private struct Reading {
        var firstCall = UInt64.max
        var firstReturn = UInt64.max
    }

    private static func reading(of history: [HistoryOperation], _ numbers: [String: Value]) -> [Reading] {
        var first = Array(repeating: Reading(), count: numbers.count + 1)
        for operation in history where operation.isConclusiveRead {
            guard case .read(let text?) = operation.action, let value = numbers[text],
                let returned = operation.returned
            else { continue }
            first[value].firstCall = min(first[value].firstCall, operation.called)
            first[value].firstReturn = min(first[value].firstReturn, returned)
        }
        return first
    }
}

extension HistoryOperation {
    /// Whether the search must place it.
    var isConclusiveRead: Bool { isRead && isStrong && outcome == .done && returned != nil }
}
