internal import Cluster
internal import Observability

// These enums of the Cluster module are values of metric labels: the metrics page shows their raw values.
extension Consistency: LabelValue {}
extension ReceivedOperation.Kind: LabelValue {}
extension SendResult: LabelValue {}

/// Counts the operations that members send to each other: a few integer additions for each, without a look-up by name.
/// Only the event loop may use it.
final class ReplicationMetrics {
    /// The reason why a whole message from another node, with all its operations, was refused.
    enum RefusalReason: String, LabelValue {
        /// A peer's message was refused because it is not in the format of messages between nodes, is cut short, or is
        /// too long.
        case malformed
        /// A peer's message was refused because its cluster secret is missing or wrong.
        case secret
        /// A peer's message was refused because it belongs to another cluster or cluster record, is addressed to
        /// another node, or comes from a node that is not a member.
        case mismatch
        /// A peer's message was refused because this node is shutting down or not ready yet.
        case notReady = "not_ready"
    }

    private struct Received {
        let count: Counter
        let duration: Histogram
    }

    private let registry: MetricRegistry
    private let received: LabelTable<ReceivedOperation.Kind, LabelTable<SuccessLabel, Received>>
    private let refused: LabelTable<RefusalReason, Counter>

    init(registry: MetricRegistry) {
        self.registry = registry
        received = LabelTable { operation in
            LabelTable { result in
                Received(
                    count: registry.counter(.replicationReceived, operation.rawValue, result.rawValue),
                    duration: registry.histogram(.replicationReceivedDuration, operation.rawValue, result.rawValue))
            }
        }
        refused = LabelTable { registry.counter(.peerMessagesRefused, $0.rawValue) }
    }

    /// Registers the metric series of writes to another member, all at 0. Called once for each member.
    func member(_ nodeID: String) -> MemberSeries {
        MemberSeries(nodeID, registry: registry)
    }

    /// Counts one operation that this node received from another member. `exemplar` identifies the client request
    /// behind the operation if its trace is recorded.
    func countReceived(
        _ operation: ReceivedOperation.Kind, success: Bool, nanoseconds: UInt64, exemplar: Exemplar? = nil
    ) {
        let series = received[operation][SuccessLabel(success)]
        registry.increment(series.count)
        registry.record(nanoseconds, in: series.duration, exemplar: exemplar)
    }

    func countRefused(_ reason: RefusalReason) {
        registry.increment(refused[reason])
    }
}

/// Counts the writes sent to one other member. Only the event loop may use it.
final class MemberSeries {
    private struct Sent {
        let results: LabelTable<SendResult, Counter>
        let duration: Histogram

        init(_ operation: ReceivedOperation.Kind, _ nodeID: String, _ registry: MetricRegistry) {
            results = LabelTable { registry.counter(.replicationSend, operation.rawValue, nodeID, $0.rawValue) }
            duration = registry.histogram(.replicationSendDuration, operation.rawValue, nodeID)
        }
    }

    private let registry: MetricRegistry
    private let puts: Sent
    private let deletes: Sent

    fileprivate init(_ nodeID: String, registry: MetricRegistry) {
        self.registry = registry
        puts = Sent(.put, nodeID, registry)
        deletes = Sent(.delete, nodeID, registry)
    }

    /// Counts one put or delete for this member when its result is known. `nanoseconds` is the time from sending to the
    /// result, or nil if the operation was not sent.
    func countSent(isDelete: Bool, _ result: SendResult, nanoseconds: UInt64?, exemplar: Exemplar? = nil) {
        let sent = isDelete ? deletes : puts
        registry.increment(sent.results[result])
        guard let nanoseconds else { return }
        registry.record(nanoseconds, in: sent.duration, exemplar: exemplar)
    }
}
