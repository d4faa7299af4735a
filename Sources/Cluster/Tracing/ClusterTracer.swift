/// Receives the begin and the end of each piece of work that a node does for a recorded request, such as a call to a
/// replica, for example to create spans. Called on the event loop.
///
/// `began` returns a `RequestTrace` that identifies the new piece of work and is the parent of work done for it;
/// `ended` is called with it exactly once. The cluster code calls `begin` and `end` instead, which skip unrecorded
/// requests with a single comparison.
package protocol ClusterTracer: AnyObject {
    /// Begins the span of `work` under the span of `parent`. The result has the same request and trace ids, and a new
    /// span id.
    func began(_ work: ClusterWork, parent: RequestTrace) -> RequestTrace
    /// A page of hints is being replayed to `target`. It gets a trace of its own, linked to the traces of the writes.
    func beganReplay(to target: MemberIndex, of writes: [RequestTrace]) -> RequestTrace
    func noted(_ moment: ClusterMoment, in work: RequestTrace)
    func ended(_ work: RequestTrace, _ end: ClusterWorkEnd)
}

package enum ClusterWork: Sendable {
    /// A coordinator's work on one item, from the client's request to the response.
    case coordinate(CoordinatedWork)
    /// A call that this node sends to another member, until its answer.
    case call(PeerCall.Operation, member: MemberIndex)
    /// A call that another member sent to this node, until this node has answered it.
    case serve(PeerCall.Operation, sender: NodeID)
    case readStore
    case writeStore(valueBytes: Int)
    /// Storing a hint for the member `target` on this node.
    case keepHint(target: MemberIndex)
}

package struct CoordinatedWork: Sendable {
    package let kind: ReceivedOperation.Kind
    package let table: TableState
    package let key: ItemKey
    package let consistency: Consistency
    /// The preference list.
    package let replicas: [MemberIndex]
    package let required: Int
}

/// An event within a span that explains the duration or the result of the span.
package enum ClusterMoment: Equatable, Sendable {
    /// Enough replicas have reported their version of the key.
    case versionsKnown(answers: Int, required: Int)
    /// Enough replicas have stored the write durably.
    case quorumReached(acks: Int, required: Int)
    /// Additional replicas are called because those called first are slow.
    case hedged
    /// A strong operation writes the version it found back to more replicas before it completes.
    case writesBack(missing: Int)
    /// A replica is dead, so the write is not sent to it.
    case targetDown(MemberIndex)
}

package enum ClusterWorkEnd: Equatable, Sendable {
    case done
    /// The item or table does not exist. This is not an error.
    case notFound
    case answered(PeerAnswer)
    case unanswered(PeerFailure)
    case unavailable(Unavailable)
    case read(ReadSource)
    case readFailed(StoreError)
    /// The result of a write and the times of its commit batch, if it reached one.
    case written(WriteResult, CommitTimes?)

    package enum ReadSource: String, Sendable {
        case memory
        case disk
        /// The lookup in memory was not sufficient; a disk read follows.
        case neither
    }
}

/// The times of the commit batch that contained a write, in nanoseconds of the monotonic clock.
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
    /// Starts the span of `work` under the span of `parent` and returns the trace with the new span. Returns `parent`
    /// unchanged if the request is not recorded.
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

/// A tracer that records nothing.
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
