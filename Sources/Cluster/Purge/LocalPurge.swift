/// Removes the tombstones up to a purge mark from this node's replica of a partition. All replicas are known to hold
/// these tombstones. The removal goes leaf by leaf, one batch each, and the first batch also stores the mark; a key
/// whose tombstone is removed later reads as deleted before and after.
final class LocalPurge {
    private let store: any ReplicaStore
    private let partition: PartitionID
    private let mark: HybridTimestamp
    private var place: KeyPlace
    private var after: RowPlace?
    private var completion: ((PeerAnswer) -> Void)?

    /// Prepares a purge of one partition on this node. `completion` receives `.stored` once the tombstones are removed,
    /// or else the answer that describes the failure.
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
