/// One GET that memory could not answer.
final class ReadOperation: Operation {
    private let table: TableID
    private let key: ItemKey
    private let store: any ReplicaStore
    private var completion: ((Coordinator.ReadAnswer) -> Void)?

    init(
        table: TableID, key: ItemKey, store: any ReplicaStore,
        completion: @escaping (Coordinator.ReadAnswer) -> Void
    ) {
        self.table = table
        self.key = key
        self.store = store
        self.completion = completion
    }

    var isFinished: Bool { completion == nil }

    func start() {
        store.fetch(table, key, completion: fetched)
    }

    func expire(afterMilliseconds timeout: UInt64) {
        answer(.unavailable(Self.unavailable(.timedOut(afterMilliseconds: timeout))))
    }

    static func unavailable(_ error: StoreError) -> Unavailable {
        unavailable(Unavailable.Reason(error))
    }

    private static func unavailable(_ reason: Unavailable.Reason) -> Unavailable {
        Unavailable(reason, .notApplied)
    }

    private func fetched(_ result: Result<StoredItem?, StoreError>) {
        switch result {
        case .success(let item?) where !item.isTombstone: answer(.found(item))
        case .success: answer(.noItem)
        case .failure(let error): answer(.unavailable(Self.unavailable(error)))
        }
    }

    /// A fetch that a timeout has overtaken finds no completion, and ends here.
    private func answer(_ answer: Coordinator.ReadAnswer) {
        let completion = completion.take()
        completion?(answer)
    }
}
