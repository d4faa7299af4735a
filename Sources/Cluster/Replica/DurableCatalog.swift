/// The catalog, and the way new states of it take to the disk. What it says is durable here.
final class DurableCatalog {
    private(set) var catalog: Catalog
    private let store: any ReplicaStore
    private let observer: any ClusterObserver

    init(_ states: [TableState], store: any ReplicaStore, observer: any ClusterObserver) {
        catalog = Catalog(states)
        self.store = store
        self.observer = observer
    }

    /// Makes `state` durable, unless it or a later state of that name is known already.
    func adopt(_ state: TableState, completion: @escaping (PeerAnswer) -> Void) {
        switch catalog.mergeResult(of: state) {
        case .known: return completion(.stored)
        case .collides(let other):
            return completion(.refused("table \(state.name) has the same internal id as \(other)"))
        case .newer: break
        }
        store.submit(state) { [self] result in
            let answer = PeerAnswer(result)
            if answer == .stored { merge(state) }
            completion(answer)
        }
    }

    /// What the store turned out to hold, for instance after it was reopened.
    func merge(_ state: TableState) {
        if catalog.merge(state) { observer.tableChanged(state) }
    }
}

extension PeerAnswer {
    init(_ result: WriteResult) {
        switch result {
        case .committed: self = .stored
        case .superseded(let version): self = .superseded(by: version)
        case .expired: self = .expired
        case .tableDeleted: self = .tableDeleted
        case .refused(.queueFull): self = .overloaded
        case .refused(.diskFull): self = .refused("the disk is nearly full, so writes are refused until there is space")
        case .refused(.inputOutput(let message)): self = .refused("the disk failed: \(message)")
        case .refused(.hintBudget): self = .refused("the hints kept already fill their budget")
        case .refused(.closing): self = .refused("the node is shutting down")
        case .failed(let message): self = .failed("the disk failed: \(message)")
        }
    }

    init(_ error: StoreError) {
        switch error {
        case .overloaded: self = .overloaded
        case .tableDeleted: self = .tableDeleted
        case .damaged, .inputOutput, .closed: self = .failed(error.description)
        }
    }
}
