/// What the cluster's code lets be seen. Called on the loop, in the middle of things: to count and to log, not to act.
package protocol ClusterObserver: AnyObject {
    /// One write has met its fate at one other member: once for each that it was meant for.
    func sent(_ write: SentWrite)
    /// What another member holds of one key was asked for an operation here, and it has answered or not.
    func readRemotely(_ read: RemoteRead)
    /// One operation of another node has been answered here.
    func received(_ operation: ReceivedOperation)
    func tableChanged(_ state: TableState)
    func memberChanged(_ member: NodeID, to state: MemberState)
    /// The cluster was formed, or its record was learnt.
    func bootstrapped(_ record: ClusterRecord)
    func noted(_ event: ClusterEvent)
}

package enum SendResult: String, CaseIterable, Sendable {
    case success
    case failure
    case nodeDown = "node_down"
}

package struct SentWrite: Sendable {
    package let isDelete: Bool
    /// Index in the cluster record.
    package let target: MemberIndex
    package let result: SendResult
    /// From when it was handed over for sending until its answer; nil when it was not sent.
    package let nanoseconds: UInt64?
    package let table: TableState
    package let trace: RequestTrace
}

/// A get of an item, or of its version.
package struct RemoteRead: Equatable, Sendable {
    /// Index in the cluster record.
    package let target: MemberIndex
    package let succeeded: Bool
    package let nanoseconds: UInt64
}

package struct ReceivedOperation: Sendable {
    package enum Kind: String, CaseIterable, Sendable {
        case get
        case put
        case delete
    }

    package let kind: Kind
    package let table: TableState
    package let succeeded: Bool
    package let nanoseconds: UInt64
    /// Who asked.
    package let trace: RequestTrace
    package let sender: NodeID
}

/// A write that one replica did not take.
package struct MissedWrite: Equatable, Sendable {
    /// Index in the cluster record.
    package let target: MemberIndex
    /// Failed, or not sent since the target is dead.
    package let result: SendResult
    package let isDelete: Bool
    package let table: TableState
    package let trace: RequestTrace

    package init(target: MemberIndex, result: SendResult, isDelete: Bool, table: TableState, trace: RequestTrace) {
        self.target = target
        self.result = result
        self.isDelete = isDelete
        self.table = table
        self.trace = trace
    }
}

/// What happens now and then and deserves a count of its own.
package enum ClusterEvent: Equatable, Sendable {
    /// A strong read had to write back before it could answer.
    case wroteBack
    /// A quorum was waited for longer than usual, and more replicas were asked.
    case hedged
    case quorumFailed(Consistency, isWrite: Bool)
    /// Two replicas hold one version with different values: a fault of ours or of a disk.
    case versionConflict(table: String)
    /// A message of another node was refused: the sentence says why.
    case refusedMessage(String)
    /// Anti-entropy with a member, by its index in the record, has mended some rows, and goes on.
    case mended(with: MemberIndex, pulled: Int, pushed: Int, dropped: Int)
    /// It has come to an end.
    case compared(with: MemberIndex, Comparison)
    /// A replica did not get a write, and what became of the hint for it.
    case missed(MissedWrite, HintFate)
    /// Some hints of a target were sent; it did not get to its end when the target failed to take one.
    case replayed(Replayed)
    /// A replica was found behind by a read, and was sent what it lacked.
    case readRepair(succeeded: Bool)
    /// Tombstones of a partition are gone from all replicas, up to the mark.
    case purged(partition: PartitionID, tombstones: Int)
    /// Why old tombstones of a partition cannot go, when that has changed.
    case purgeBlocked(partition: PartitionID, String)
    /// This node's disk is not the one that others remember, or went back in time.
    case storeReplaced(String)
    /// This node holds all that it should again.
    case recovered

    package struct Comparison: Equatable, Sendable {
        package let differing: Int
        package let pulled: Int
        package let pushed: Int
        package let dropped: Int
        /// Why it did not get to its end.
        package let failure: String?
    }

    package enum HintFate: Equatable, Sendable {
        /// It is durable.
        case stored
        /// One for a newer write was there, or the table is gone.
        case unneeded
        /// No replica has the write, so there is nothing to bring.
        case noHolder
        /// Anti-entropy owes the target that write.
        case lost(HintLoss)
    }

    package enum HintLoss: String, CaseIterable, Sendable {
        /// It would have gone beyond the budget.
        case budget
        case queue
        case disk
    }

    package struct Replayed: Equatable, Sendable {
        package let target: MemberIndex
        package let puts: Int
        package let deletes: Int
        package let expired: Int
        package let isComplete: Bool
        package let milliseconds: UInt64
    }
}
