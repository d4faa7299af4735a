/// The creation or deletion of one table: its entry is read at a majority of the members, and the next state of it is
/// made durable at as many as must hold it. The other live members are waited for a little, so that a client that asks
/// another node next finds what it was told.
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
    private let trace: RequestTrace
    private let coordinator: Coordinator
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
        _ kind: Kind, _ name: TableName, trace: RequestTrace, coordinator: Coordinator,
        completion: @escaping (Coordinator.TableAnswer) -> Void
    ) {
        self.kind = kind
        self.name = name
        self.trace = trace
        self.coordinator = coordinator
        self.completion = completion
    }

    var isFinished: Bool { state == .finished }

    func start() {
        pendingReads = send(.readTable(name)) { [self] in read($0, of: $1) }
        if pendingReads < majority { coordinator.enqueue { self.failReadingIfHopeless() } }
    }

    func expire(afterMilliseconds timeout: UInt64) {
        // Those that must hold it do; only the courtesy towards the others took too long.
        if acks >= required { return answer(.done) }
        fail(.timedOut(afterMilliseconds: timeout))
    }

    /// The other live members have been waited for long enough.
    func endGrace() {
        if !isFinished { answer(.done) }
    }

    private var members: Int { coordinator.calls.record.members.count }
    private var majority: Int { members / 2 + 1 }

    /// A delete must reach so many that no read or write quorum can be had without one of them.
    private var required: Int {
        if case .delete = kind { coordinator.calls.record.deletionQuorum } else { majority }
    }

    private func say(_ words: String, of member: Int) -> String {
        "\(coordinator.calls.record.members[member].nodeID): \(words)"
    }

    private func send(
        _ operation: PeerCall.Operation,
        completion: @escaping (Result<PeerAnswer, PeerFailure>, _ member: Int) -> Void
    ) -> Int {
        let calls = coordinator.calls
        let asked = (0..<members).filter { calls.standing(of: $0).takesWrites }
        for member in asked {
            calls.call(
                member, operation, over: .bulk, trace: trace,
                timeoutMilliseconds: coordinator.replicaTimeoutMilliseconds
            ) { completion($0, member) }
        }
        return asked.count
    }
}

// The entry, from a majority.
extension TableOperation {
    private func read(_ answer: Result<PeerAnswer, PeerFailure>, of member: Int) {
        pendingReads -= 1
        guard state == .reading else { return }
        switch answer {
        case .success(.table(let known)):
            answers += 1
            if let known, newest.map(known.supersedes) ?? true { newest = known }
        case .success(let other): lastFailure = say(other.explanation, of: member)
        case .failure(let failure): lastFailure = say(failure.description, of: member)
        }
        if answers >= majority { return decide() }
        failReadingIfHopeless()
    }

    private func failReadingIfHopeless() {
        guard state == .reading, answers + pendingReads < majority else { return }
        fail(.tooFewReplicas(last: lastFailure))
    }

    private func decide() {
        var catalog = coordinator.catalog()
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

// The next state, to all.
extension TableOperation {
    private func write(_ next: TableState) {
        state = .writing
        pendingWrites = send(.writeTable(next)) { [self] in wrote($0, by: $1) }
        undecided = pendingWrites
        if pendingWrites < required { coordinator.enqueue { self.failIfHopeless() } }
    }

    private func wrote(_ result: Result<PeerAnswer, PeerFailure>, by member: Int) {
        pendingWrites -= 1
        switch result {
        case .success(.stored), .success(.superseded): acks += 1
        case .success(let other):
            lastFailure = say(other.explanation, of: member)
            if !other.mayHaveHappened, member == coordinator.calls.selfIndex { undecided -= 1 }
        case .failure(let failure):
            lastFailure = say(failure.description, of: member)
            if !failure.mayHaveArrived { undecided -= 1 }
        }
        guard state == .writing else { return }
        guard acks >= required else { return failIfHopeless() }
        if pendingWrites == 0 { return answer(.done) }
        if acks == required { coordinator.startGrace(of: self) }
    }

    private func failIfHopeless() {
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
        coordinator.complete { completion(answer) }
    }
}
