package enum Consistency: String, CaseIterable, Sendable {
    /// A write completes with the first durable acknowledgement, a read with the first answer of a live replica.
    case eventual
    /// Linearizable per key among strong operations.
    case strong
}

/// Why an operation failed because of unavailable replicas, as reported to the client.
package struct Unavailable: Error, Equatable, Sendable {
    package enum Outcome: String, Sendable {
        /// No replica stored the write, and none will.
        case notApplied = "not_applied"
        /// The write may take effect at any later time, once.
        case unknown
    }

    package enum Reason: Equatable, Sendable {
        case overloaded
        case diskFull
        case storage(String)
        case timedOut(afterMilliseconds: UInt64)
        /// Too few replicas answered; `last` is the latest failure of one of them.
        case tooFewReplicas(last: String?)
        /// No replica of this partition answered; `last` is the latest failure.
        case partitionUnavailable(PartitionID, last: String?)
        case shuttingDown
        /// This node's wall clock is too far from the other members' to stamp versions.
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
