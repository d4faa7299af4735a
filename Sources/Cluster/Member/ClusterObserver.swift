/// Receives events of this module for metrics and logs. Called on the loop in the middle of an operation, so an
/// implementation must not call back into the cluster.
package protocol ClusterObserver: AnyObject {
    /// A write to one other member has succeeded, failed, or not been sent. Called once per write and target.
    func sent(_ write: SentWrite)
    /// A read call to another member has been answered or has failed.
    func readRemotely(_ read: RemoteRead)
    /// A call of another node has been answered here.
    func received(_ operation: ReceivedOperation)
    func tableChanged(_ state: TableState)
    func memberChanged(_ member: NodeID, to state: MemberState)
    /// The bootstrap has completed, or a stored final record was loaded.
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
    /// The target member.
    package let target: MemberIndex
    package let result: SendResult
    /// The time from queueing the call until its answer; nil if it was not sent.
    package let nanoseconds: UInt64?
    package let table: TableState
    package let trace: RequestTrace
}

/// A call to another member that read an item or its version.
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
    /// The client request that caused the call.
    package let trace: RequestTrace
    package let sender: NodeID
}

/// A write that one replica missed.
package struct MissedWrite: Equatable, Sendable {
    /// Index in the cluster record.
    package let target: MemberIndex
    /// `failure`, or `nodeDown` if the write was not sent because the target is dead.
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

/// Less frequent events, each with its own metric or log line.
package enum ClusterEvent: Equatable, Sendable {
    /// A strong operation wrote a version back to more replicas before it completed.
    case wroteBack
    /// An operation called more replicas because those called first were slow.
    case hedged
    case quorumFailed(Consistency, isWrite: Bool)
    /// Two replicas hold different values under one version: a defect of the program or of a disk.
    case versionConflict(table: String)
    /// A message of another node was rejected, for the given reason.
    case refusedMessage(String)
    /// A running anti-entropy session with a member has repaired some rows.
    case mended(with: MemberIndex, pulled: Int, pushed: Int, dropped: Int)
    /// An anti-entropy session with a member has ended.
    case compared(with: MemberIndex, Comparison)
    /// A replica missed a write, with the outcome of storing a hint for it.
    case missed(MissedWrite, HintFate)
    /// A hint replay pass has ended. It is incomplete if the target did not acknowledge a hint.
    case replayed(Replayed)
    /// A read repair has ended: the newest version was sent to a replica that a read found to be stale.
    case readRepair(succeeded: Bool)
    /// Tombstones of a partition were purged from all replicas.
    case purged(partition: PartitionID, tombstones: Int)
    /// The reason why tombstones of a partition cannot be purged has changed.
    case purgeBlocked(partition: PartitionID, String)
    /// This node's disk was lost or rolled back, so its store got a new id.
    case storeReplaced(String)
    /// This node has recovered its disk.
    case recovered

    package struct Comparison: Equatable, Sendable {
        package let differing: Int
        package let pulled: Int
        package let pushed: Int
        package let dropped: Int
        /// Why the session did not complete; nil if it did.
        package let failure: String?
    }

    package enum HintFate: Equatable, Sendable {
        /// The hint is durable.
        case stored
        /// A hint for a newer write exists, or the table was deleted.
        case unneeded
        /// No replica stored the write, so no hint is kept.
        case noHolder
        /// The hint could not be stored; anti-entropy will bring the write to the target.
        case lost(HintLoss)
    }

    package enum HintLoss: String, CaseIterable, Sendable {
        /// The hint budget is used up.
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
