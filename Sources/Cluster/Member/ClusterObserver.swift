/// Receives the events of a node's cluster code, to count and log them. Called on the loop in the middle of an
/// operation: an observer must not call back.
package protocol ClusterObserver: AnyObject {
    /// The outcome of one write at one other member. Called once for each member that the write was meant for.
    func sent(_ write: SentWrite)
    /// The outcome of one read of a key at another member.
    func readRemotely(_ read: RemoteRead)
    /// This node's replica has answered one operation of another coordinator.
    func received(_ operation: ReceivedOperation)
    func tableChanged(_ state: TableState)
    func memberChanged(_ member: NodeID, to state: MemberState)
    /// This node has become an active member, by bootstrap or by the record in its store.
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
    package let target: MemberIndex
    package let result: SendResult
    /// The time from queueing the write for its target to the target's answer; nil when the write was not sent.
    package let nanoseconds: UInt64?
    package let table: TableState
    package let trace: RequestTrace
}

/// A read of an item or of its version at another member.
package struct RemoteRead: Equatable, Sendable {
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
    package let trace: RequestTrace
    package let sender: NodeID
}

/// A write that one replica did not acknowledge.
package struct MissedWrite: Equatable, Sendable {
    package let target: MemberIndex
    /// How the write failed: `nodeDown` if it was not sent because the target is dead, otherwise `failure`.
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

/// An event in a node's cluster code that is counted or logged.
package enum ClusterEvent: Equatable, Sendable {
    /// A strong read or a delete wrote a version back to replicas before it could answer.
    case wroteBack
    /// An operation asked more replicas because those asked first were slow.
    case hedged
    case quorumFailed(Consistency, isWrite: Bool)
    /// Two replicas hold different values under one version: a defect of the program or of a disk.
    case versionConflict(table: String)
    /// A message of another node was rejected, with the reason.
    case refusedMessage(String)
    /// A running anti-entropy session with a member has repaired rows.
    case repaired(with: MemberIndex, pulled: Int, pushed: Int, dropped: Int)
    /// An anti-entropy session with a member has ended.
    case compared(with: MemberIndex, Comparison)
    /// A replica missed a write. The `HintFate` tells what became of the hint for that write.
    case missed(MissedWrite, HintFate)
    /// A replay pass of the hints for a target has ended. It is incomplete when the target did not take a hint.
    case replayed(Replayed)
    /// Read repair: a read found a stale replica and sent it the newest version.
    case readRepair(succeeded: Bool)
    /// Old tombstones of a partition were purged from all its replicas.
    case purged(partition: PartitionID, tombstones: Int)
    /// Old tombstones of a partition cannot be purged, for a new reason.
    case purgeBlocked(partition: PartitionID, String)
    /// This node has replaced its store id, because its disk was rolled back.
    case storeReplaced(String)
    /// This node has recovered from the loss of its disk, and votes again.
    case recovered

    package struct Comparison: Equatable, Sendable {
        package let differing: Int
        package let pulled: Int
        package let pushed: Int
        package let dropped: Int
        /// Why the anti-entropy session failed; nil if it did not.
        package let failure: String?
    }

    package enum HintFate: Equatable, Sendable {
        /// The hint is durable.
        case stored
        /// There is a hint for a newer write, or the table was deleted.
        case unneeded
        /// No replica holds the write, so there is nothing to hand off.
        case noHolder
        /// The hint could not be stored; anti-entropy will repair the target.
        case lost(HintLoss)
    }

    package enum HintLoss: String, CaseIterable, Sendable {
        /// Storing the hint would exceed the hint budget.
        case budget = "limit"
        case disk
        case queue
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
