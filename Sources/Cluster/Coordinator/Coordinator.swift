/// Coordinates the requests of clients: the node that receives a request stamps writes, calls the replicas of the key,
/// which may include itself, and answers when a quorum of them has answered.
///
/// Bound to the loop. Each completion is called there, once, never before the call that names it has returned.
package final class Coordinator {
    package enum WriteAnswer: Equatable, Sendable {
        case done(Version)
        case noItem
        case noTable
        case unavailable(Unavailable)
    }

    package enum TableAnswer: Equatable, Sendable {
        case done
        case noTable
        case refused(Catalog.CreateError)
        case unavailable(Unavailable)
    }

    package enum ReadAnswer: Equatable, Sendable {
        case found(StoredItem)
        case noItem
        case noTable
        case unavailable(Unavailable)
    }

    let services: OperationServices

    init(_ services: OperationServices) {
        self.services = services
    }

    func context(_ trace: RequestTrace) -> OperationContext {
        OperationContext(services: services, trace: trace)
    }

    func replicas(of key: ItemKey, in table: TableState) -> ReplicaSet {
        ReplicaSet(table: table, key: key, in: services.roster)
    }
}

// Items.
extension Coordinator {
    func put(
        _ value: [UInt8], _ key: ItemKey, in table: TableState, _ consistency: Consistency, trace: RequestTrace,
        completion: @escaping (WriteAnswer) -> Void
    ) {
        let replicas = replicas(of: key, in: table)
        let context = context(trace).coordinating(.put, on: replicas, consistency)
        admit(WriteOperation(.put(value), replicas, consistency, context, completion: completion))
    }

    func delete(
        _ key: ItemKey, in table: TableState, _ consistency: Consistency, trace: RequestTrace,
        completion: @escaping (WriteAnswer) -> Void
    ) {
        let replicas = replicas(of: key, in: table)
        let context = context(trace).coordinating(.delete, on: replicas, consistency)
        admit(WriteOperation(.delete, replicas, consistency, context, completion: completion))
    }

    /// Rejects new writes of clients before the write queue is full: the rest of the queue is kept for the writes of
    /// other coordinators, which were admitted there.
    private func admit(_ operation: WriteOperation) {
        let scheduler = services.scheduler
        if services.store.isOverloaded { return scheduler.enqueue { operation.reject(.overloaded) } }
        if let problem = services.roster.clockProblem {
            return scheduler.enqueue { operation.reject(.clock(problem)) }
        }
        scheduler.start(operation)
    }

    /// Reads an item. Returns the answer at once, and never calls `completion`, if this node may answer alone and needs
    /// no disk read. Otherwise returns nil, and `completion` receives the answer.
    func get(
        _ key: ItemKey, in table: TableState, _ consistency: Consistency, trace: RequestTrace,
        completion: @escaping (ReadAnswer) -> Void
    ) -> ReadAnswer? {
        let replicas = replicas(of: key, in: table)
        let context = context(trace).coordinating(.get, on: replicas, consistency)
        if let answer = answerFromMemory(replicas, consistency, context) {
            context.end(ClusterWorkEnd(answer))
            return answer
        }
        switch consistency {
        case .strong: services.scheduler.start(StrongRead(replicas, context, completion: completion))
        case .eventual: services.scheduler.start(EventualRead(replicas, context, completion: completion))
        }
        return nil
    }

    private func answerFromMemory(
        _ replicas: ReplicaSet, _ consistency: Consistency, _ context: OperationContext
    ) -> ReadAnswer? {
        let mayAnswer = consistency == .eventual
            ? context.ownReplicaServes(in: replicas)
            : replicas.quorums.replicas == 1 && context.ownReplicaVotes(in: replicas)
        guard mayAnswer else { return nil }
        let work = services.tracer.begin(.readStore, parent: context.trace)
        let found = services.store.peek(replicas.tableID, replicas.key)
        services.tracer.end(work, ClusterWorkEnd(found))
        return switch found {
        case .found(let item): ReadAnswer(item)
        case .absent: .noItem
        case .failed, .needsDisk: nil
        }
    }
}

// Tables.
extension Coordinator {
    func createTable(_ name: TableName, trace: RequestTrace, completion: @escaping (TableAnswer) -> Void) {
        let kind = TableOperation.Kind.create(createdAtMilliseconds: services.clock.wallMilliseconds)
        services.scheduler.start(TableOperation(kind, name, context(trace), completion: completion))
    }

    func deleteTable(_ name: TableName, trace: RequestTrace, completion: @escaping (TableAnswer) -> Void) {
        services.scheduler.start(TableOperation(.delete, name, context(trace), completion: completion))
    }
}
