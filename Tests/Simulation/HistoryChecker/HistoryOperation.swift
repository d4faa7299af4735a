/// One request about one key as its client saw it. Times are of one clock, in microseconds.
package struct HistoryOperation: Equatable, Sendable {
    package enum Action: Equatable, Sendable {
        /// No two writes of one key may bear the same value: what a read returns then names its write.
        case put(String)
        case delete
        /// What was found; nil for no item. A DELETE that found no item is a read of nil.
        case read(String?)
    }

    package enum Outcome: Equatable, Sendable {
        case done
        /// Refused with the promise that it has had no effect and never will.
        case notApplied
        /// Not answered, or answered that its effect is not known. Of a read: nothing was learned.
        case unknown
    }

    package let client: Int
    package let called: UInt64
    /// Nil when no answer ever came.
    package let returned: UInt64?
    package let action: Action
    package let outcome: Outcome
    package let isStrong: Bool

    package init(
        client: Int, called: UInt64, returned: UInt64?, action: Action, outcome: Outcome, isStrong: Bool
    ) {
        self.client = client
        self.called = called
        self.returned = returned
        self.action = action
        self.outcome = outcome
        self.isStrong = isStrong
    }
}

extension HistoryOperation {
    var isRead: Bool {
        if case .read = action { true } else { false }
    }

    /// A strong write that was acknowledged has taken effect between call and return. A strong one of unknown outcome
    /// may at any time after its call, once, or never. An eventual one takes the place of its version, or is hidden by
    /// a higher one from the start: so it may stand before a strong write that was acknowledged before it was sent, to
    /// a read that began before that. What no read may do is see it and return before it was sent.
    var mustTakeEffect: Bool { isStrong && outcome == .done && returned != nil }

    /// The same operation as it stood at `time`, or nil when it had not begun.
    func seen(at time: UInt64) -> HistoryOperation? {
        if called > time { return nil }
        if let returned, returned <= time { return self }
        return HistoryOperation(
            client: client, called: called, returned: nil, action: action,
            outcome: outcome == .notApplied ? .notApplied : .unknown, isStrong: isStrong)
    }
}

extension HistoryOperation: CustomStringConvertible {
    package var description: String {
        let end = returned.map(Self.milliseconds) ?? "never"
        let kind = isStrong ? "strong" : "eventual"
        return "\(Self.milliseconds(called)) .. \(end)  client \(client)  \(kind) \(deed)"
    }

    private var deed: String {
        switch (action, outcome) {
        case (.put(let value), _): "put \(value): \(outcome)"
        case (.delete, _): "delete: \(outcome)"
        case (.read(let value), .done): "read: \(value ?? "no item")"
        case (.read, _): "read: \(outcome)"
        }
    }

    private static func milliseconds(_ microseconds: UInt64) -> String {
        let fraction = String(microseconds % 1000)
        let padding = String(repeating: "0", count: 3 - fraction.count)
        return "\(microseconds / 1000).\(padding)\(fraction) ms"
    }
}

extension HistoryOperation.Outcome: CustomStringConvertible {
    package var description: String {
        switch self {
        case .done: "done"
        case .notApplied: "not applied"
        case .unknown: "unknown"
        }
    }
}
