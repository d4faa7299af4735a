/// The history of a key, reduced to the steps whose order the linearization search has to find.
///
/// - Puts that need not take effect and whose value no strong read returned are dropped: a linearization stays valid
///   without them.
/// - Puts that need not take effect but whose value a strong read returned become steps that must take effect. They
///   take effect before the first of these reads returns, and not before the first of them is called.
/// - Deletes that need not take effect differ only in the time of their call. They are optional, and kept as lists of
///   these times.
struct ReducedHistory {
    /// A number for each value that was put; 0 stands for an absent item.
    typealias Value = Int

    /// An operation that the linearization search has to place in the order. `source` is its index in the original
    /// history.
    struct Step {
        let called: UInt64
        let returned: UInt64
        let value: Value
        let isWrite: Bool
        let source: Int
    }

    static let absent: Value = 0

    /// The operations that the linearization search has to place, in order of call.
    private(set) var steps: [Step] = []
    /// The call times, sorted, of strong deletes that need not take effect.
    private(set) var optionalDeletes: [UInt64] = []
    /// The call times, sorted, of eventual deletes. An eventual delete may precede its call in the order, but no read
    /// that returned before its call may observe it.
    private(set) var eventualDeletes: [UInt64] = []
    /// The indexes of the reads among the steps, by the value that they found.
    private(set) var reads: [[Int]] = [[]]

    /// Reduces a history in which `KeyHistory.impossibleRead` has found no violation; other histories are not allowed.
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
        optionalDeletes.sort()
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
                optionalDeletes.append(operation.called)
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

    /// The earliest call and the earliest return among the strong reads of a value; the maximum if there are none.
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
    /// Whether this is a strong read with a result, which the search has to place in the order.
    var isConclusiveRead: Bool { isRead && isStrong && outcome == .done && returned != nil }
}
