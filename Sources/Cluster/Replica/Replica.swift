/// One node as a replica: answers the calls of coordinators on this and other nodes from the local store. Bound to the
/// loop. A completion may be called before the call returns.
final class Replica {
    let store: any ReplicaStore
    let catalog: DurableCatalog
    /// The rows that were written recently, which anti-entropy skips; nil in a cluster of one node, which has no
    /// anti-entropy.
    let recentWrites: RecentWrites?
    /// The rules that decide which calls this replica may answer now.
    private(set) unowned var policy: any ReplicaPolicy
    private let tracer: any ClusterTracer

    init(
        store: any ReplicaStore, catalog: DurableCatalog, recentWrites: RecentWrites?, policy: any ReplicaPolicy,
        tracer: any ClusterTracer
    ) {
        self.store = store
        self.catalog = catalog
        self.recentWrites = recentWrites
        self.policy = policy
        self.tracer = tracer
    }

    /// Answers a call of the member `sender`.
    func answer(_ call: PeerCall, of sender: MemberIndex, completion: @escaping (PeerAnswer) -> Void) {
        guard call.remainingMilliseconds > 0 else { return completion(.expired) }
        switch call.operation {
        case .version(let table, let key): version(table, key, call.trace, completion: completion)
        case .get(let table, let key):
            read(table, key, call.trace, otherwise: completion) { completion(.item($0)) }
        case .put(let table, let key, let item):
            put(ReplicaWrite(table: table.id, key: key, item: item), in: table, call.trace, completion: completion)
        case .repair(let table, let key, let item):
            put(
                ReplicaWrite(table: table.id, key: key, item: item, isRepair: true), in: table, call.trace,
                completion: completion)
        case .readTable(let name):
            completion(policy.knowsCatalog ? .table(catalog.catalog.state(of: name)) : .recovering)
        case .writeTable(let state): catalog.adopt(state, completion: completion)
        case .page(let request): page(request, completion: completion)
        case .sums(let table): sums(table, completion: completion)
        case .readCatalog: completion(policy.knowsCatalog ? .catalog(catalog.catalog.allStates) : .recovering)
        case .compare(let digest): completion(compare(digest, with: sender))
        case .leaves(let partitions): completion(leaves(of: partitions))
        case .list(let request): list(request, completion: completion)
        case .promise(let partition, let mark): promise(mark, of: partition, completion: completion)
        case .purge(let partition, let mark): purge(partition, upTo: mark, completion: completion)
        }
    }

    private func version(
        _ table: TableState, _ key: ItemKey, _ trace: RequestTrace, completion: @escaping (PeerAnswer) -> Void
    ) {
        read(table, key, trace, otherwise: completion) { [self] item in
            completion(.version(item.map(HeldVersion.init), floor: mark(of: key).promised))
        }
    }

    func mark(of key: ItemKey) -> PurgeMark {
        store.mark(of: KeyPlace(key: key, partitions: policy.partitions).partition)
    }

    private func put(
        _ write: ReplicaWrite, in table: TableState, _ trace: RequestTrace, completion: @escaping (PeerAnswer) -> Void
    ) {
        guard policy.takesWrites else { return completion(.recovering) }
        switch catalog.catalog.status(of: table) {
        case .live:
            let work = tracer.begin(.writeStore(valueBytes: write.item.value.count), parent: trace)
            store.submit(write) { [self] result in
                tracer.end(work, .written(result, store.lastCommit))
                if result == .committed { recentWrites?.note(write.place) }
                completion(PeerAnswer(result))
            }
        case .deleted: completion(.tableDeleted)
        case .unknown:
            // The table was created while this node was down. The coordinator knows the table from a majority, so this
            // replica adopts it.
            catalog.adopt(table) { [self] answer in
                guard answer == .stored else { return completion(answer) }
                put(write, in: table, trace, completion: completion)
            }
        }
    }

    /// Reads an item. For an unknown table the result is nil: this replica certainly holds no item of it.
    private func read(
        _ table: TableState, _ key: ItemKey, _ trace: RequestTrace, otherwise fail: @escaping (PeerAnswer) -> Void,
        completion: @escaping (StoredItem?) -> Void
    ) {
        guard policy.votes else { return fail(.recovering) }
        switch catalog.catalog.status(of: table) {
        case .deleted: return fail(.tableDeleted)
        case .unknown: return completion(nil)
        case .live: break
        }
        let id = table.id
        let work = tracer.begin(.readStore, parent: trace)
        let peek = store.peek(id, key)
        if peek != .needsDisk { tracer.end(work, ClusterWorkEnd(peek)) }
        switch peek {
        case .found(let item): completion(item)
        case .absent: completion(deletion(of: key))
        case .failed(let error): fail(PeerAnswer(error))
        case .needsDisk:
            store.fetch(id, key) { [self] result in
                tracer.end(work, ClusterWorkEnd(result))
                switch result {
                case .success(let item): completion(item ?? deletion(of: key))
                case .failure(let error): fail(PeerAnswer(error))
                }
            }
        }
    }

    /// The tombstone that stands for a key without a row, if tombstones of its partition have been purged; otherwise
    /// nil.
    private func deletion(of key: ItemKey) -> StoredItem? { mark(of: key).deletion }

    private func page(_ request: PageRequest, completion: @escaping (PeerAnswer) -> Void) {
        guard policy.votes else { return completion(.recovering) }
        switch catalog.catalog.status(of: request.table) {
        case .deleted: return completion(.tableDeleted)
        case .unknown: return completion(.page(Page(entries: [], next: nil)))
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
        guard policy.votes else { return completion(.recovering) }
        guard catalog.catalog.status(of: table) != .deleted else { return completion(.tableDeleted) }
        completion(.sums(store.sums(table.id)))
    }
}
