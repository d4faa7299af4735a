/// One PUT or DELETE: look up if need be, stamp, commit, answer.
final class WriteOperation: Operation {
    enum Kind {
        case put([UInt8])
        case delete
    }

    private enum State {
        case created, lookingUp, committing, finished
    }

    private let kind: Kind
    private let table: TableID
    private let key: ItemKey
    private let coordinator: Coordinator
    private var completion: ((Coordinator.WriteAnswer) -> Void)?
    private var state = State.created

    init(
        _ kind: Kind, table: TableID, key: ItemKey, coordinator: Coordinator,
        completion: @escaping (Coordinator.WriteAnswer) -> Void
    ) {
        self.kind = kind
        self.table = table
        self.key = key
        self.coordinator = coordinator
        self.completion = completion
    }

    var isFinished: Bool { state == .finished }

    func start() {
        precondition(state == .created, "a write operation starts once")
        if case .put = kind, coordinator.canStampWithoutLookup {
            commit(above: nil)
        } else if case .found(let item) = coordinator.store.peek(table, key), !item.isTombstone {
            commit(above: item.version)
        } else {
            // Also where memory has said "absent": the answer must not come before this call has returned.
            state = .lookingUp
            coordinator.store.fetch(table, key, completion: lookedUp)
        }
    }

    func expire(afterMilliseconds timeout: UInt64) {
        let outcome: Unavailable.Outcome = state == .committing ? .unknown : .notApplied
        answerUnavailable(.timedOut(afterMilliseconds: timeout), outcome)
    }

    private func lookedUp(_ result: Result<StoredItem?, StoreError>) {
        guard state == .lookingUp else { return precondition(isFinished, "only a timeout overtakes a look-up") }
        switch result {
        case .failure(let error):
            answerUnavailable(.storage(error.description), .notApplied)
        case .success(let found):
            if case .delete = kind, found?.isTombstone ?? true {
                answer(.noItem)
            } else {
                commit(above: found?.version)
            }
        }
    }

    private func commit(above found: Version?) {
        state = .committing
        let version = coordinator.stamp(above: found)
        let write = ReplicaWrite(table: table, key: key, item: item(version))
        coordinator.store.submit(write) { self.committed($0, version) }
    }

    private func item(_ version: Version) -> StoredItem {
        switch kind {
        case .put(let value): StoredItem(version: version, isTombstone: false, value: value)
        case .delete: StoredItem(version: version, isTombstone: true, value: [])
        }
    }

    private func committed(_ result: WriteResult, _ version: Version) {
        guard state == .committing else { return precondition(isFinished, "only a timeout overtakes a commit") }
        switch result {
        case .committed, .superseded: answer(.done(version))
        case .tableDeleted: answer(.noTable)
        case .refused(let refusal): answerUnavailable(Unavailable.Reason(refusal), .notApplied)
        case .failed(let message): answerUnavailable(.storage(message), .unknown)
        }
    }

    private func answerUnavailable(_ reason: Unavailable.Reason, _ outcome: Unavailable.Outcome) {
        answer(.unavailable(Unavailable(reason: reason, acks: 0, required: 1, outcome: outcome)))
    }

    private func answer(_ answer: Coordinator.WriteAnswer) {
        state = .finished
        let completion = completion.take()
        completion?(answer)
    }
}

extension Unavailable.Reason {
    package init(_ refusal: WriteRefusal) {
        switch refusal {
        case .queueFull: self = .overloaded
        case .diskFull: self = .diskFull
        case .inputOutput(let message): self = .storage(message)
        case .closing: self = .shuttingDown
        }
    }
}
