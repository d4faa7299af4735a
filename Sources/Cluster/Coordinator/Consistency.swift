package enum Consistency: String, CaseIterable, Sendable {
    /// Eventual consistency: a write needs one durable acknowledgement, a read the answer of one live replica.
    case eventual
    /// Strong consistency: the strong operations on one key are linearizable.
    case strong
}

/// Why an operation failed, with the numbers that are reported to the client.
package struct Unavailable: Error, Equatable, Sendable {
    package enum Outcome: String, Sendable {
        /// No replica holds the write, and none ever will.
        case notApplied = "not_applied"
        /// The write may take effect, at any later time and at most once.
        case unknown
    }

    package enum Reason: Equatable, Sendable {
        case overloaded
        case diskFull
        case storage(String)
        case timedOut(afterMilliseconds: UInt64)
        /// The quorum was not reached. `last` describes the last failure, with its node id.
        case tooFewReplicas(last: String?)
        /// No replica of this partition answered. `last` describes the last failure.
        case partitionUnavailable(PartitionID, last: String?)
        case shuttingDown
        /// This node's wall clock is too far from the other members' clocks to stamp versions.
        case clock(String)
    }

    package let reason: Reason
    package let acks: Int
    package let required: Int
    package let outcome: Outcome

    package init(reason: Reason, acks: Int, required: Int, outcome: Outcome) {
        self.reason = reason
        self.acks = acks
        self.required = required
        self.outcome = outcome
    }
}
