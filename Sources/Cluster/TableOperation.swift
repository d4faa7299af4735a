/// The creation or deletion of one table. The client's answer has a deadline; what became of the table is told whenever
/// the store knows, because its name is taken until then.
final class TableOperation: Operation {
    private let state: TableState
    private let store: any ReplicaStore
    private let settled: (WriteResult) -> Void
    private var completion: ((Coordinator.TableAnswer) -> Void)?

    init(
        _ state: TableState, store: any ReplicaStore, settled: @escaping (WriteResult) -> Void,
        completion: @escaping (Coordinator.TableAnswer) -> Void
    ) {
        self.state = state
        self.store = store
        self.settled = settled
        self.completion = completion
    }

    var isFinished: Bool { completion == nil }

    func start() {
        store.submit(state) { result in
            self.settled(result)
            self.answer(Coordinator.TableAnswer(result))
        }
    }

    func expire(afterMilliseconds timeout: UInt64) {
        answer(.unavailable(Unavailable(.timedOut(afterMilliseconds: timeout), .unknown)))
    }

    private func answer(_ answer: Coordinator.TableAnswer) {
        let completion = completion.take()
        completion?(answer)
    }
}

extension Coordinator.TableAnswer {
    fileprivate init(_ result: WriteResult) {
        switch result {
        case .committed, .superseded, .tableDeleted: self = .done
        case .refused(let refusal): self = .unavailable(Unavailable(Unavailable.Reason(refusal), .notApplied))
        case .failed(let message): self = .unavailable(Unavailable(.storage(message), .unknown))
        }
    }
}

extension Unavailable {
    /// Of the one replica that a lone node has.
    init(_ reason: Reason, _ outcome: Outcome) {
        self.init(reason: reason, acks: 0, required: 1, outcome: outcome)
    }
}
