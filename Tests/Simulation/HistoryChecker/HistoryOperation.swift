/// One request for one key, as its client observed it. Times are in microseconds of one clock for all clients.
package struct HistoryOperation: Equatable, Sendable {
    package enum Action: Equatable, Sendable {
        /// The values of a key must be unique, so that the value of a read identifies the write.
        case put(String)
        case delete
        /// A read, with the value that it found; nil if there was no item. A DELETE that found no item counts as a read
        /// of nil.
        case read(String?)
    }

    package enum Outcome: Equatable, Sendable {
        case done
        /// The operation was rejected: it has had no effect and never will.
        case notApplied
        /// No answer came, or one that reports an unknown outcome: a write may or may not take effect. A read with this
        /// outcome says nothing about the item.
        case unknown
    }

    package let client: Int
    package let called: UInt64
    /// The time at which the operation was answered; nil if it never was.
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

    /// Whether the write must take effect between its call and its return: true for an acknowledged strong write.
    ///
    /// A strong write of unknown outcome takes effect once at any time after its call, or never. An eventual write
    /// takes the place in the order that its version has, and a higher version may hide it from the start. It can
    /// therefore precede a strong write that was acknowledged before it was sent, as observed by a read that began
    /// before that. But no read that returned before the eventual write was sent may return its value.
    var mustTakeEffect: Bool { isStrong && outcome == .done && returned != nil }

    /// The operation as it was known at `time`: without an answer if that came later, and nil if it was called later.
    func truncated(at time: UInt64) -> HistoryOperation? {
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
        return "\(Self.milliseconds(called)) .. \(end)  client \(client)  \(kind) \(actionDescription)"
    }

    private var actionDescription: String {
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
