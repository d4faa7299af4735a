/// All that was asked about one key, and the judgement on it:
/// strong operations are linearizable among themselves, with eventual writes taking effect at any time or never, and
/// an eventual read returns what some write of the key could have left.
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

    /// How many operations the search has to place in order.
    package var strongCount: Int {
        operations.count { $0.isStrong && $0.outcome == .done }
    }

    /// Nil when the history keeps the promises.
    package func violation() -> Violation? {
        if let repeated { return Violation(.valueWrittenTwice, key: key, excerpt: repeated) }
        if let stray = strayRead() { return stray }
        switch LinearizationSearch.verdict(on: RegisterTask(operations)) {
        case .linearizable: return nil
        case .undecided: return Violation(.undecided, key: key, excerpt: [])
        case .notLinearizable:
            return Violation(.notLinearizable, key: key, excerpt: Excerpt.smallest(of: operations))
        }
    }

    static func isLinearizable(_ operations: [HistoryOperation]) -> Bool {
        LinearizationSearch.verdict(on: RegisterTask(operations)) != .notLinearizable
    }

    private var repeated: [HistoryOperation]? {
        var writers: [String: HistoryOperation] = [:]
        for operation in operations {
            guard case .put(let value) = operation.action else { continue }
            if let first = writers.updateValue(operation, forKey: value) { return [first, operation] }
        }
        return nil
    }

    /// A read, strong or eventual, of a value that no write could have left by then.
    private func strayRead() -> Violation? {
        var writers: [String: HistoryOperation] = [:]
        for operation in operations {
            if case .put(let value) = operation.action { writers[value] = operation }
        }
        for operation in operations where operation.outcome == .done {
            guard case .read(let value?) = operation.action else { continue }
            guard let writer = writers[value] else {
                return Violation(.valueFromNowhere, key: key, excerpt: [operation])
            }
            if writer.outcome == .notApplied {
                return Violation(.refusedWriteSeen, key: key, excerpt: [writer, operation])
            }
            if let returned = operation.returned, writer.called > returned {
                return Violation(.valueFromTheFuture, key: key, excerpt: [operation, writer])
            }
        }
        return nil
    }
}

/// A promise broken, with the few operations that show it.
package struct Violation: Equatable, Sendable {
    package enum Kind: String, Sendable {
        case notLinearizable = "the strong operations cannot be put into any order that one register could have taken"
        case valueFromNowhere = "a read returned a value that was never written to this key"
        case valueFromTheFuture = "a read returned a value before its write began"
        case refusedWriteSeen = "a read returned a value whose write was refused as not applied"
        case valueWrittenTwice = "the history itself is at fault: one value was written twice"
        case undecided = "too many orders to try: the history is neither shown right nor wrong"
    }

    package let kind: Kind
    package let key: String
    package let excerpt: [HistoryOperation]

    init(_ kind: Kind, key: String, excerpt: [HistoryOperation]) {
        self.kind = kind
        self.key = key
        self.excerpt = excerpt
    }
}

extension Violation: CustomStringConvertible {
    package var description: String {
        let lines = excerpt.map { "  \($0)" }
        return (["key \(key): \(kind.rawValue)"] + lines).joined(separator: "\n")
    }
}
