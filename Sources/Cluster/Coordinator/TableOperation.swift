/// The creation or deletion of one table: reads the table's state from a majority of the members and makes its next
/// state durable at a quorum of them. It waits a little longer for the other live members, so that a client that next
/// uses another node finds the table as it was told.
final class TableOperation: Operation {
    enum Kind {
        case create(createdAtMilliseconds: UInt64)
        case delete
    }

    private enum State {
        case reading, writing, finished
    }

    private let kind: Kind
    private let name: TableName
    private let context: OperationContext
    private var completion: ((Coordinator.TableAnswer) -> Void)?
    private var state = State.reading
    private var newest: TableState?
    private var answers = 0
    private var acks = 0
    private var undecided = 0
    private var pendingReads = 0
    private var pendingWrites = 0
    private var lastFailure: String?

    init(
        _ kind: Kind, _ name: TableName, _ context: OperationContext,
        completion: @escaping (Coordinator.TableAnswer) -> Void
    ) {
        self.kind = kind
        self.name = name
        self.context = context
        self.completion = completion
    }

    var isFinished: Bool { state == .finished }

    func start() {
        pendingReads = send(.readTable(name)) { [self] in read($0, of: $1) }
        if pendingReads < majority { context.enqueue { self.failReadIfQuorumImpossible() } }
    }

    func expire(afterMilliseconds timeout: UInt64) {
        // A quorum has stored the table's state; only the wait for the other live members took too long.
        if acks >= required { return answer(.done) }
        fail(.timedOut(afterMilliseconds: timeout))
    }

    /// Ends the grace period for the other live members: answers the client that the table operation is done.
    func endGrace() {
        if !isFinished { answer(.done) }
    }

    private var members: Int { context.roster.record.members.count }
    private var majority: Int { members / 2 + 1 }

    /// A delete must reach so many members that every read and write quorum includes one of them.
    private var required: Int {
        if case .delete = kind { context.roster.record.deletionQuorum } else { majority }
    }

    private func explain(_ failure: String, of member: MemberIndex) -> String {
        "\(context.nodeID(of: member)): \(failure)"
    }

    private func send(
        _ operation: PeerCall.Operation,
        completion: @escaping (Result<PeerAnswer, PeerFailure>, _ member: MemberIndex) -> Void
    ) -> Int {
        let asked = context.roster.record.memberIndexes.filter { context.roster.liveness(of: $0).takesWrites }
        for member in asked {
            context.call(member, operation, over: .bulk) { completion($0, member) }
        }
        return asked.count
    }
}

// The first round of the creation or deletion of a table: reads the table's state from a majority of the members.
extension TableOperation {
    private func read(_ answer: Result<PeerAnswer, PeerFailure>, of member: MemberIndex) {
        pendingReads -= 1
        guard state == .reading else { return }
        switch answer {
        case .success(.table(let known)):
            answers += 1
            if let known, newest.map(known.supersedes) ?? true { newest = known }
        case .success(let other): lastFailure = explain(other.explanation, of: member)
        case .failure(let failure): lastFailure = explain(failure.description, of: member)
        }
        if answers >= majority { return decide() }
        failReadIfQuorumImpossible()
    }

    private func failReadIfQuorumImpossible() {
        guard state == .reading, answers + pendingReads < majority else { return }
        fail(.tooFewReplicas(last: lastFailure))
    }

    private func decide() {
        var catalog = context.services.tables.catalog
        if let newest { catalog.merge(newest) }
        switch kind {
        case .create(let now):
            do throws(Catalog.CreateError) {
                write(try catalog.creating(name, nowMilliseconds: now))
            } catch {
                answer(.refused(error))
            }
        case .delete:
            guard let deleted = catalog.deleting(name) else { return answer(.noTable) }
            write(deleted)
        }
    }
}

// The second round of the creation or deletion of a table: writes the table's new state to all members that are not
// dead.
extension TableOperation {
    private func write(_ next: TableState) {
        state = .writing
        pendingWrites = send(.writeTable(next)) { [self] in wrote($0, by: $1) }
        undecided = pendingWrites
        if pendingWrites < required { context.enqueue { self.failIfQuorumImpossible() } }
    }

    private func wrote(_ result: Result<PeerAnswer, PeerFailure>, by member: MemberIndex) {
        pendingWrites -= 1
        switch result {
        case .success(.stored), .success(.superseded): acks += 1
        case .success(let other):
            lastFailure = explain(other.explanation, of: member)
            if !other.mayHaveHappened, member == context.roster.selfIndex { undecided -= 1 }
        case .failure(let failure):
            lastFailure = explain(failure.description, of: member)
            if !failure.mayHaveArrived { undecided -= 1 }
        }
        guard state == .writing else { return }
        guard acks >= required else { return failIfQuorumImpossible() }
        if pendingWrites == 0 { return answer(.done) }
        if acks == required { context.scheduler.startGrace(of: self) }
    }

    private func failIfQuorumImpossible() {
        guard state == .writing, acks + pendingWrites < required else { return }
        fail(.tooFewReplicas(last: lastFailure))
    }

    private func fail(_ reason: Unavailable.Reason) {
        answer(
            .unavailable(
                Unavailable(
                    reason: reason, acks: acks, required: required,
                    outcome: undecided > 0 ? .unknown : .notApplied)))
    }

    private func answer(_ answer: Coordinator.TableAnswer) {
        state = .finished
        guard let completion = completion.take() else { preconditionFailure("a table operation was answered twice") }
        context.scheduler.complete { completion(answer) }
    }
}
