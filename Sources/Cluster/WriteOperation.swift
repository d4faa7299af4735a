/// One PUT or DELETE: look up if need be, stamp, commit, answer.
final class WriteOperation: Operation {
    enum Kind {
        case put([UInt8])
        case delete
    }

    private enum State {
        case created, lookingUp, committing, finished
    }

    /// Without its value once that is in the store's hands: a finished operation may wait behind one that is not.
    private var kind: Kind
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
            answerUnavailable(Unavailable.Reason(error), .notApplied)
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
        let write = ReplicaWrite(table: table, key: key, item: takeItem(version))
        coordinator.store.submit(write) { self.committed($0, version) }
    }

    private func takeItem(_ version: Version) -> StoredItem {
        guard case .put(let value) = kind else { return StoredItem(version: version, isTombstone: true, value: []) }
        kind = .put([])
        return StoredItem(version: version, isTombstone: false, value: value)
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
        answer(.unavailable(Unavailable(reason, outcome)))
    }

    private func answer(_ answer: Coordinator.WriteAnswer) {
        state = .finished
        let completion = completion.take()
        completion?(answer)
    }
}

extension Unavailable.Reason {
    package init(_ error: StoreError) {
        self = error == .overloaded ? .overloaded : .storage(error.description)
    }

    package init(_ refusal: WriteRefusal) {
        switch refusal {
        case .queueFull: self = .overloaded
        case .diskFull: self = .diskFull
        case .inputOutput(let message): self = .storage(message)
        case .closing: self = .shuttingDown
        }
    }
}
