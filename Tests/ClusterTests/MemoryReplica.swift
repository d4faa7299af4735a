import Cluster

/// A replica in memory whose disk answers when the test says so.
final class MemoryReplica: ReplicaStore {
    private struct Place: Hashable {
        let table: TableID
        let key: ItemKey
    }

    private var items: [Place: StoredItem] = [:]
    private var pending: [() -> Void] = []
    private(set) var committed: [ReplicaWrite] = []
    var answersFromMemory = true
    var highestClock = HybridTimestamp(rawValue: 0)
    var nextWriteResult: WriteResult?

    func peek(_ table: TableID, _ key: ItemKey) -> Peek {
        guard answersFromMemory else { return .needsDisk }
        return items[Place(table: table, key: key)].map { .found($0) } ?? .absent
    }

    func fetch(
        _ table: TableID, _ key: ItemKey, completion: @escaping (Result<StoredItem?, StoreError>) -> Void
    ) {
        pending.append { completion(.success(self.items[Place(table: table, key: key)])) }
    }

    func submit(_ write: ReplicaWrite, completion: @escaping (WriteResult) -> Void) {
        pending.append {
            let result = self.nextWriteResult.take() ?? self.apply(write)
            completion(result)
        }
    }

    func submit(_ state: TableState, completion: @escaping (WriteResult) -> Void) {
        pending.append { completion(self.nextWriteResult.take() ?? .committed) }
    }

    /// Runs what the disk has been asked, in order, until nothing is left.
    func settle() {
        while !pending.isEmpty { pending.removeFirst()() }
    }

    private func apply(_ write: ReplicaWrite) -> WriteResult {
        let place = Place(table: write.table, key: write.key)
        if let held = items[place], held.version >= write.item.version { return .superseded(by: held.version) }
        items[place] = write.item
        committed.append(write)
        highestClock = max(highestClock, write.item.version.clock)
        return .committed
    }
}

final class ManualClock: Clock {
    var wallMilliseconds: UInt64 = 1_800_000_000_000
    var monotonicMilliseconds: UInt64 = 0
}
