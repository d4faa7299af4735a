/// The table catalog together with its persistence. The catalog contains only states that are durable on this node.
final class DurableCatalog {
    private(set) var catalog: Catalog
    private let store: any ReplicaStore
    private let observer: any ClusterObserver

    init(_ states: [TableState], store: any ReplicaStore, observer: any ClusterObserver) {
        catalog = Catalog(states)
        self.store = store
        self.observer = observer
    }

    /// Stores `state` durably, unless the catalog already has this or a newer state of the table.
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

    /// Merges a table state that is already durable, for example one found when the store was reopened.
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
        case .refused(.hintBudget): self = .refused("the hint budget is used up")
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
