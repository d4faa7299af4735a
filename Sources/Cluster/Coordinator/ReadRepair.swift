/// Read repair: after a strong read has answered its client, sends the newest version to the replicas on which the read
/// found an older version or none. (DeCandia et al., "Dynamo", 2007, section 5.) Anti-entropy repairs what exceeds the
/// limit of concurrent repairs. Bound to the loop.
final class ReadRepair {
    private let observer: any ClusterObserver
    private var inFlight = 0

    init(observer: any ClusterObserver) {
        self.observer = observer
    }

    /// Sends `item` to each replica in `held` that has an older version or none. `held` lists the replicas that
    /// answered the read, each with the version that it reported; nil for a replica without the row.
    func repair(
        _ item: StoredItem, _ replicas: ReplicaSet, held: [(member: MemberIndex, version: HeldVersion?)],
        _ context: OperationContext
    ) {
        // A purge mark needs no repair: all replicas held the tombstone before it was purged.
        guard !item.version.isPurgeMark else { return }
        for (member, version) in held where (version.map { $0.version < item.version } ?? true) {
            send(item, replicas, to: member, context)
        }
    }

    private func send(_ item: StoredItem, _ replicas: ReplicaSet, to member: MemberIndex, _ context: OperationContext) {
        guard inFlight < CoordinatorLimits.readRepairsInFlight else { return }
        inFlight += 1
        context.call(member, .repair(replicas.table, replicas.key, item), over: .bulk) { [self] answer in
            inFlight -= 1
            switch answer {
            case .success(.stored), .success(.superseded): observer.noted(.readRepair(succeeded: true))
            default: observer.noted(.readRepair(succeeded: false))
            }
        }
    }
}
