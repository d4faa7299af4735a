@testable import HistoryChecker

/// Decides linearizability by its definition: tries every order of the operations, and every choice of which writes of
/// unknown outcome take effect. Nothing is pruned or cached, so it is only for histories of a few operations.
struct Oracle {
    let operations: [HistoryOperation]

    static func isLinearizable(_ history: [HistoryOperation]) -> Bool {
        let operations = history.filter { $0.outcome != .notApplied && (!$0.isRead || $0.isConclusiveRead) }
        return Oracle(operations: operations).canFinish(Array(operations.indices), value: nil, sent: 0)
    }

    /// Whether the operations `rest` can be completed in some order when the register holds `value`. `sent` is the call
    /// time of the write of that value.
    private func canFinish(_ rest: [Int], value: String?, sent: UInt64) -> Bool {
        if !rest.contains(where: { mustBePlaced(operations[$0]) }) { return true }
        for next in rest where mayComeFirst(next, of: rest) {
            let others = rest.filter { $0 != next }
            switch operations[next].action {
            case .read(let found):
                guard found == value, (operations[next].returned ?? 0) >= sent else { continue }
                if canFinish(others, value: value, sent: sent) { return true }
            case .put(let written):
                if canFinish(others, value: written, sent: operations[next].called) { return true }
            case .delete: if canFinish(others, value: nil, sent: operations[next].called) { return true }
            }
        }
        return false
    }

    private func mustBePlaced(_ operation: HistoryOperation) -> Bool {
        operation.isRead || operation.mustTakeEffect
    }

    private func mayComeFirst(_ next: Int, of rest: [Int]) -> Bool {
        !rest.contains { other in
            guard mustBePlaced(operations[other]), let returned = operations[other].returned else { return false }
            // The checker orders eventual writes of a key by their versions, not by the times when clients sent them.
            guard operations[next].isRead || operations[next].isStrong else { return false }
            return returned < operations[next].called
        }
    }
}

/// Generates small histories, many of which are linearizable and many not.
struct RandomHistory {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> [HistoryOperation] {
        let count = 3 + below(5)
        let span = 4 + below(20)
        var values: [String] = []
        return (0..<count).map { index in operation(index, span, &values) }
    }

    private mutating func operation(_ index: Int, _ span: Int, _ values: inout [String]) -> HistoryOperation {
        // The call times mostly ascend in the order of generation. With random times most reads would precede the write
        // of their value.
        let called = UInt64(index * 2 + below(span) / 3)
        let returned = called + UInt64(below(5))
        let isStrong = below(4) > 0
        var outcome = HistoryOperation.Outcome.done
        if below(6) == 0 { outcome = below(3) == 0 ? .notApplied : .unknown }
        let never = outcome == .unknown && below(2) == 0
        return HistoryOperation(
            client: index, called: called, returned: never ? nil : returned, action: action(index, &values),
            outcome: outcome, isStrong: isStrong)
    }

    private mutating func action(_ index: Int, _ values: inout [String]) -> HistoryOperation.Action {
        switch below(10) {
        case 0..<4:
            values.append("v\(index)")
            return .put("v\(index)")
        case 4: return .delete
        default:
            let choice = below(values.count + 1)
            return .read(choice == values.count ? nil : values[choice])
        }
    }

    private mutating func below(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(bound))
    }
}
