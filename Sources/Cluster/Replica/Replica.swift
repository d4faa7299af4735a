/// One node as holder of items: what it does when a coordinator, on this node or another, calls. Completions may come
/// before the call returns.
final class Replica {
    private let store: any ReplicaStore
    private let catalog: DurableCatalog
    /// A replica that lost its disk stores what it is sent and says nothing of what it holds.
    private let isRecovering: () -> Bool

    init(store: any ReplicaStore, catalog: DurableCatalog, isRecovering: @escaping () -> Bool) {
        self.store = store
        self.catalog = catalog
        self.isRecovering = isRecovering
    }

    func answer(_ call: PeerCall, completion: @escaping (PeerAnswer) -> Void) {
        guard call.remainingMilliseconds > 0 else { return completion(.expired) }
        switch call.operation {
        case .version(let table, let key):
            read(table, key, otherwise: completion) { completion(.version($0.map(HeldVersion.init))) }
        case .get(let table, let key):
            read(table, key, otherwise: completion) { completion(.item($0)) }
        case .put(let table, let key, let item):
            put(ReplicaWrite(table: table.id, key: key, item: item), in: table, completion: completion)
        case .readTable(let name): completion(.table(catalog.catalog.state(of: name)))
        case .writeTable(let state): catalog.adopt(state, completion: completion)
        case .page(let request): page(request, completion: completion)
        case .sums(let table): sums(table, completion: completion)
        }
    }

    private func put(
        _ write: ReplicaWrite, in table: TableState, completion: @escaping (PeerAnswer) -> Void
    ) {
        switch catalog.catalog.life(of: table) {
        case .live: store.submit(write) { completion(PeerAnswer($0)) }
        case .ended: completion(.tableDeleted)
        case .unheardOf:
            // It was made while this node was away: its coordinator knows it from a majority.
            catalog.adopt(table) { [self] answer in
                guard answer == .stored else { return completion(answer) }
                put(write, in: table, completion: completion)
            }
        }
    }

    /// Of a table this node never heard of it holds nothing, for sure.
    private func read(
        _ table: TableState, _ key: ItemKey, otherwise fail: @escaping (PeerAnswer) -> Void,
        completion: @escaping (StoredItem?) -> Void
    ) {
        guard !isRecovering() else { return fail(.recovering) }
        switch catalog.catalog.life(of: table) {
        case .ended: return fail(.tableDeleted)
        case .unheardOf: return completion(nil)
        case .live: break
        }
        let id = table.id
        switch store.peek(id, key) {
        case .found(let item): completion(item)
        case .absent: completion(nil)
        case .failed(let error): fail(PeerAnswer(error))
        case .needsDisk:
            store.fetch(id, key) { result in
                switch result {
                case .success(let item): completion(item)
                case .failure(let error): fail(PeerAnswer(error))
                }
            }
        }
    }

    private func page(_ request: PageRequest, completion: @escaping (PeerAnswer) -> Void) {
        guard !isRecovering() else { return completion(.recovering) }
        switch catalog.catalog.life(of: request.table) {
        case .ended: return completion(.tableDeleted)
        case .unheardOf: return completion(.page(Page(entries: [], next: nil)))
        case .live: break
        }
        store.page(request) { result in
            switch result {
            case .success(let page): completion(.page(page))
            case .failure(let error): completion(PeerAnswer(error))
            }
        }
    }

    private func sums(_ table: TableState, completion: @escaping (PeerAnswer) -> Void) {
        guard !isRecovering() else { return completion(.recovering) }
        guard catalog.catalog.life(of: table) != .ended else { return completion(.tableDeleted) }
        completion(.sums(store.sums(table.id)))
    }
}
