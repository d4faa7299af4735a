/// Removes from one replica of a partition the tombstones up to a mark that all replicas are known to hold, and keeps
/// the mark: leaf by leaf, each in one batch, the mark with the first. In between a key counts as deleted either way.
final class LocalPurge {
    private let store: any ReplicaStore
    private let partition: PartitionID
    private let mark: HybridTimestamp
    private var place: KeyPlace
    private var after: RowPlace?
    private var completion: ((PeerAnswer) -> Void)?

    /// `completion` gets `.stored` or what went wrong.
    init(
        _ store: any ReplicaStore, partition: PartitionID, mark: HybridTimestamp,
        completion: @escaping (PeerAnswer) -> Void
    ) {
        self.store = store
        self.partition = partition
        self.mark = mark
        place = KeyPlace(partition: partition, leaf: 0)
        self.completion = completion
    }

    func start() {
        guard store.tombstones(of: partition) > 0 else { return remove([]) { self.finish(.stored) } }
        list()
    }

    private func list() {
        store.list(LeafRequest(place, after: after, limit: PurgeLimits.rowsPerList)) { [self] result in
            switch result {
            case .failure(let error): finish(PeerAnswer(error))
            case .success(let list):
                let old = list.rows.filter { $0.held.isTombstone && $0.held.version.clock <= mark }
                let isFirst = place.leaf == 0 && after == nil
                guard !old.isEmpty || isFirst else { return next(behind: list) }
                remove(old.map { Purge.Row(table: $0.place.table, key: $0.place.key, version: $0.held.version) }) {
                    self.next(behind: list)
                }
            }
        }
    }

    private func remove(_ rows: [Purge.Row], then go: @escaping () -> Void) {
        let kept = PlantedFault.noMemoryOfPurge.isPlanted ? HybridTimestamp(rawValue: 0) : mark
        store.submit(Purge(partition: partition, mark: kept, rows: rows)) { [self] result in
            if result == .committed { go() } else { finish(PeerAnswer(result)) }
        }
    }

    private func next(behind list: LeafList) {
        if list.hasMore, let last = list.rows.last {
            after = last.place
        } else if Int(place.leaf) + 1 < KeyPlace.leavesPerPartition {
            place = KeyPlace(partition: partition, leaf: place.leaf + 1)
            after = nil
        } else {
            return finish(.stored)
        }
        self.list()
    }

    private func finish(_ answer: PeerAnswer) {
        let completion = completion.take()
        completion?(answer)
    }
}
