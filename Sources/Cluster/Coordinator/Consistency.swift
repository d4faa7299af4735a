package enum Consistency: String, CaseIterable, Sendable {
    /// The first durable acknowledgement, or the first live replica's answer.
    case eventual
    /// Linearizable per key among strong operations.
    case strong
}

/// A quorum that could not be had, in the numbers that the client is told.
package struct Unavailable: Error, Equatable, Sendable {
    package enum Outcome: String, Sendable {
        /// No replica has anything of it, and none will.
        case notApplied = "not_applied"
        /// It may take effect at any later time, once.
        case unknown
    }

    package enum Reason: Equatable, Sendable {
        case overloaded
        case diskFull
        case storage(String)
        case timedOut(afterMilliseconds: UInt64)
        /// Too few replicas could be reached; `last` is what one of them, or the way to it, said.
        case tooFewReplicas(last: String?)
        /// No replica of this partition answered.
        case partitionUnavailable(PartitionID, last: String?)
        case shuttingDown
        /// This node's wall clock is too far from the others' for its versions to be trusted.
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
