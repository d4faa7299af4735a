/// Where the cluster's code says what it does for a request whose trace is recorded. Called on the loop.
///
/// A piece of work is named by the `RequestTrace` of the work done for it: `begin` gives it, `end` takes it
/// back, once. Of requests that are not recorded nothing is said: the extension's methods, which the code calls, see to
/// that with one comparison.
package protocol ClusterTracer: AnyObject {
    /// Work done because of `parent`. The result bears the same request and trace.
    func began(_ work: ClusterWork, parent: RequestTrace) -> RequestTrace
    /// Hints are being sent to the target they were kept for: a trace of its own, linked to those of the writes.
    func beganReplay(to target: MemberIndex, of writes: [RequestTrace]) -> RequestTrace
    func noted(_ moment: ClusterMoment, in work: RequestTrace)
    func ended(_ work: RequestTrace, _ end: ClusterWorkEnd)
}

package enum ClusterWork: Sendable {
    /// A coordinator's work on one item, from the client's request to its answer.
    case coordinate(CoordinatedWork)
    /// A call to another member, by its index in the record, up to its answer.
    case call(PeerCall.Operation, member: MemberIndex)
    /// The same at the other end.
    case serve(PeerCall.Operation, sender: NodeID)
    case readStore
    case writeStore(valueBytes: Int)
    /// A hint on its way to this node's disk.
    case keepHint(target: MemberIndex)
}

package struct CoordinatedWork: Sendable {
    package let kind: ReceivedOperation.Kind
    package let table: TableState
    package let key: ItemKey
    package let consistency: Consistency
    /// By index in the record, the first choice first.
    package let replicas: [MemberIndex]
    package let required: Int
}

/// What happens in the middle of work and explains how long it took, or how it ended.
package enum ClusterMoment: Equatable, Sendable {
    /// As many replicas as needed have said which version they hold.
    case versionsKnown(answers: Int, required: Int)
    /// As many replicas as needed hold the write durably.
    case quorumReached(acks: Int, required: Int)
    /// Some of those asked are slow, and others are asked too.
    case hedged
    /// A read has to bring what it found to more replicas first.
    case writesBack(missing: Int)
    /// A replica is dead, and is not sent the write.
    case targetDown(MemberIndex)
}

package enum ClusterWorkEnd: Equatable, Sendable {
    case done
    /// An answer that is none of an item's being there, which is no failure.
    case notFound
    case answered(PeerAnswer)
    case unanswered(PeerFailure)
    case unavailable(Unavailable)
    case read(ReadSource)
    case readFailed(StoreError)
    /// With the batch that the write was in, where there was one.
    case written(WriteResult, CommitTimes?)

    package enum ReadSource: String, Sendable {
        case memory
        case disk
        /// Memory could not tell; the disk is asked next.
        case neither
    }
}

/// The commit batch that a write's result comes from. Nanoseconds on the monotonic clock.
package struct CommitTimes: Equatable, Sendable {
    package let operations: Int
    package let startNanoseconds: UInt64
    package let syncStartNanoseconds: UInt64
    package let syncEndNanoseconds: UInt64

    package init(
        operations: Int, startNanoseconds: UInt64, syncStartNanoseconds: UInt64, syncEndNanoseconds: UInt64
    ) {
        self.operations = operations
        self.startNanoseconds = startNanoseconds
        self.syncStartNanoseconds = syncStartNanoseconds
        self.syncEndNanoseconds = syncEndNanoseconds
    }
}

extension ClusterTracer {
    /// The parent itself where nothing is recorded.
    func begin(_ work: @autoclosure () -> ClusterWork, parent: RequestTrace) -> RequestTrace {
        parent.isRecorded ? began(work(), parent: parent) : parent
    }

    func note(_ moment: @autoclosure () -> ClusterMoment, in work: RequestTrace) {
        if work.isRecorded { noted(moment(), in: work) }
    }

    func end(_ work: RequestTrace, _ end: @autoclosure () -> ClusterWorkEnd) {
        if work.isRecorded { ended(work, end()) }
    }
}

/// Records nothing.
package final class NoTracer: ClusterTracer {
    package init() {}

    package func began(_ work: ClusterWork, parent: RequestTrace) -> RequestTrace { parent }
    package func beganReplay(to target: MemberIndex, of writes: [RequestTrace]) -> RequestTrace { .none }
    package func noted(_ moment: ClusterMoment, in work: RequestTrace) {}
    package func ended(_ work: RequestTrace, _ end: ClusterWorkEnd) {}
}

extension ClusterWorkEnd {
    init(_ answer: Result<PeerAnswer, PeerFailure>) {
        self = switch answer {
        case .success(let answer): .answered(answer)
        case .failure(let failure): .unanswered(failure)
        }
    }

    init(_ answer: Coordinator.ReadAnswer) {
        self = switch answer {
        case .found: .done
        case .noItem, .noTable: .notFound
        case .unavailable(let unavailable): .unavailable(unavailable)
        }
    }

    init(_ answer: Coordinator.WriteAnswer) {
        self = switch answer {
        case .done: .done
        case .noItem, .noTable: .notFound
        case .unavailable(let unavailable): .unavailable(unavailable)
        }
    }

    init(_ peek: MemoryLookup) {
        self = switch peek {
        case .found, .absent: .read(.memory)
        case .failed(let error): .readFailed(error)
        case .needsDisk: .read(.neither)
        }
    }

    init(_ result: Result<StoredItem?, StoreError>) {
        self = switch result {
        case .success: .read(.disk)
        case .failure(let error): .readFailed(error)
        }
    }
}
