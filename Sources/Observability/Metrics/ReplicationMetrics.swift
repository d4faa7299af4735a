/// Counts what passes between members: a few integer additions an operation, no look-up by name. Loop-bound.
package final class ReplicationMetrics {
    private struct Received {
        let count: Counter
        let duration: Histogram
    }

    private let registry: MetricRegistry
    /// By operation, then success before failure.
    private let received: [Received]
    private let refused: [Counter]

    package init(registry: MetricRegistry) {
        self.registry = registry
        received = ReplicatedOperation.allCases.flatMap { operation in
            [true, false].map { success in
                Received(
                    count: registry.counter(.replicationReceived, operation.label, success.resultLabel),
                    duration: registry.histogram(
                        .replicationReceivedDuration, operation.label, success.resultLabel))
            }
        }
        refused = MessageRefusal.allCases.map { registry.counter(.peerMessagesRefused, $0.label) }
    }

    /// The series of another member, all at 0. Once a member.
    package func member(_ nodeID: String) -> MemberSeries {
        MemberSeries(nodeID, registry: registry)
    }

    /// `exemplar` names the request that the operation served, if its trace is recorded.
    package func countReceived(
        _ operation: ReplicatedOperation, success: Bool, nanoseconds: UInt64, exemplar: Exemplar? = nil
    ) {
        let series = received[operation.rawValue * 2 + (success ? 0 : 1)]
        registry.increment(series.count)
        registry.record(nanoseconds, in: series.duration, exemplar: exemplar)
    }

    package func countRefused(_ reason: MessageRefusal) {
        registry.increment(refused[reason.rawValue])
    }
}

/// What is counted of one other member. Loop-bound.
package final class MemberSeries {
    private let registry: MetricRegistry
    private let puts: [Counter]
    private let deletes: [Counter]
    private let putDuration: Histogram
    private let deleteDuration: Histogram

    fileprivate init(_ nodeID: String, registry: MetricRegistry) {
        self.registry = registry
        func sends(_ operation: ReplicatedOperation) -> [Counter] {
            SendFate.allCases.map { registry.counter(.replicationSend, operation.label, nodeID, $0.label) }
        }
        puts = sends(.put)
        deletes = sends(.delete)
        putDuration = registry.histogram(.replicationSendDuration, ReplicatedOperation.put.label, nodeID)
        deleteDuration = registry.histogram(.replicationSendDuration, ReplicatedOperation.delete.label, nodeID)
    }

    /// Once an operation and target, when its result is known. `nanoseconds` is how long that took; nil of what was
    /// not sent.
    package func countSent(isDelete: Bool, _ fate: SendFate, nanoseconds: UInt64?, exemplar: Exemplar? = nil) {
        registry.increment((isDelete ? deletes : puts)[fate.rawValue])
        guard let nanoseconds else { return }
        registry.record(nanoseconds, in: isDelete ? deleteDuration : putDuration, exemplar: exemplar)
    }
}
