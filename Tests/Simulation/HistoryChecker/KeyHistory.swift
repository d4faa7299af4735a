/// All operations on one key, and the check of the consistency guarantees: the strong operations are linearizable,
/// where eventual writes may take effect at any time or never; and an eventual read returns a value that some write of
/// the key wrote before the read returned.
package struct KeyHistory: Sendable {
    package let key: String
    package private(set) var operations: [HistoryOperation]

    package init(key: String, operations: [HistoryOperation] = []) {
        self.key = key
        self.operations = operations
    }

    package mutating func append(_ operation: HistoryOperation) {
        operations.append(operation)
    }

    /// The number of completed strong operations, which the search has to order.
    package var strongCount: Int {
        operations.count { $0.isStrong && $0.outcome == .done }
    }

    /// The first violation found; nil when the history satisfies the guarantees.
    package func violation() -> Violation? {
        if let duplicates { return Violation(.duplicateValue, key: key, counterexample: duplicates) }
        if let impossible = impossibleRead() { return impossible }
        switch LinearizationSearch.verdict(on: ReducedHistory(operations)) {
        case .linearizable: return nil
        case .undecided: return Violation(.undecided, key: key, counterexample: [])
        case .notLinearizable:
            let counterexample = CounterexampleMinimizer.minimize(operations)
            return Violation(.notLinearizable, key: key, counterexample: counterexample)
        }
    }

    static func isLinearizable(_ operations: [HistoryOperation]) -> Bool {
        LinearizationSearch.verdict(on: ReducedHistory(operations)) != .notLinearizable
    }

    /// Two puts of the same value; nil if the values of all puts are different.
    private var duplicates: [HistoryOperation]? {
        var writers: [String: HistoryOperation] = [:]
        for operation in operations {
            guard case .put(let value) = operation.action else { continue }
            if let first = writers.updateValue(operation, forKey: value) { return [first, operation] }
        }
        return nil
    }

    /// A read, strong or eventual, of a value that no write of the key can have written before the read returned.
    private func impossibleRead() -> Violation? {
        var writers: [String: HistoryOperation] = [:]
        for operation in operations {
            if case .put(let value) = operation.action { writers[value] = operation }
        }
        for operation in operations where operation.outcome == .done {
            guard case .read(let value?) = operation.action else { continue }
            guard let writer = writers[value] else {
                return Violation(.valueNeverWritten, key: key, counterexample: [operation])
            }
            if writer.outcome == .notApplied {
                return Violation(.rejectedWriteRead, key: key, counterexample: [writer, operation])
            }
            if let returned = operation.returned, writer.called > returned {
                return Violation(.readBeforeWrite, key: key, counterexample: [operation, writer])
            }
        }
        return nil
    }
}

/// A violated guarantee, with the few operations that prove it.
package struct Violation: Equatable, Sendable {
    package enum Kind: String, Sendable {
        case notLinearizable = "the strong operations are not linearizable"
        case valueNeverWritten = "a read returned a value that was never written to this key"
        case readBeforeWrite = "a read returned a value before the put of it was sent"
        case rejectedWriteRead = "a read returned the value of a put that was answered as not applied"
        case duplicateValue = "invalid history: a value was put twice"
        case undecided = "undecided: the search for a linearization exceeded its limit"
    }

    package let kind: Kind
    package let key: String
    package let counterexample: [HistoryOperation]

    init(_ kind: Kind, key: String, counterexample: [HistoryOperation]) {
        self.kind = kind
        self.key = key
        self.counterexample = counterexample
    }
}

extension Violation: CustomStringConvertible {
    package var description: String {
        let lines = counterexample.map { "  \($0)" }
        return (["key \(key): \(kind.rawValue)"] + lines).joined(separator: "\n")
    }
}
