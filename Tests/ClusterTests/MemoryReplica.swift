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
    private(set) var clusterRecord: [UInt8]?
    var partitions = 16
    var answersFromMemory = true
    var highestClock = HybridTimestamp(rawValue: 0)
    var durableSequence: UInt64 = 0
    var isCrowded = false
    var nextWriteResult: WriteResult?
    var readError: StoreError?

    func item(_ table: TableID, _ key: ItemKey) -> StoredItem? { items[Place(table: table, key: key)] }

    func peek(_ table: TableID, _ key: ItemKey) -> Peek {
        if let readError { return .failed(readError) }
        guard answersFromMemory else { return .needsDisk }
        return item(table, key).map { .found($0) } ?? .absent
    }

    func fetch(
        _ table: TableID, _ key: ItemKey, completion: @escaping (Result<StoredItem?, StoreError>) -> Void
    ) {
        pending.append {
            if let readError = self.readError { return completion(.failure(readError)) }
            completion(.success(self.item(table, key)))
        }
    }

    func submit(_ write: ReplicaWrite, completion: @escaping (WriteResult) -> Void) {
        highestClock = max(highestClock, write.item.version.clock)
        pending.append {
            let result = self.nextWriteResult.take() ?? self.apply(write)
            completion(result)
        }
    }

    func submit(_ state: TableState, completion: @escaping (WriteResult) -> Void) {
        pending.append { completion(self.nextWriteResult.take() ?? .committed) }
    }

    func submit(clusterRecord: [UInt8], completion: @escaping (WriteResult) -> Void) {
        pending.append {
            self.clusterRecord = clusterRecord
            completion(.committed)
        }
    }

    func page(_ request: PageRequest, completion: @escaping (Result<Page, StoreError>) -> Void) {
        pending.append {
            if let readError = self.readError { return completion(.failure(readError)) }
            let rows = self.items.filter { $0.key.table == request.table.id }
            completion(.success(Self.page(of: rows.map { .init(key: $0.key.key, item: $0.value) }, request)))
        }
    }

    static func page(of rows: [Page.Entry], _ request: PageRequest) -> Page {
        let range = KeyRange(of: request)
        let walked = rows.filter { range.contains($0.key) }
            .sorted { request.reverse ? $1.key < $0.key : $0.key < $1.key }
        let shown = Array(walked.prefix(max(request.limit, 1)))
        return Page(entries: shown, next: shown.count < walked.count ? shown.last?.key : nil)
    }

    func sums(_ table: TableID) -> [PartitionSums] {
        var sums = Array(repeating: PartitionSums(hash: 0, live: 0, tombstones: 0, bytes: 0), count: partitions)
        for (place, item) in items where place.table == table {
            let partition = Int(KeyPlace(key: place.key, partitions: partitions).partition)
            let before = sums[partition]
            let entry = StoredItem(
                version: item.version, isTombstone: item.isTombstone,
                value: place.key.bytes + "\(item.version) \(item.checksum)".utf8)
            sums[partition] = PartitionSums(
                hash: before.hash ^ entry.checksum,
                live: before.live + (item.isTombstone ? 0 : 1),
                tombstones: before.tombstones + (item.isTombstone ? 1 : 0), bytes: before.bytes)
        }
        return sums
    }

    /// Does what the disk has been asked, in order; false when that was nothing.
    @discardableResult
    func settle() -> Bool {
        guard !pending.isEmpty else { return false }
        while !pending.isEmpty { pending.removeFirst()() }
        return true
    }

    private func apply(_ write: ReplicaWrite) -> WriteResult {
        let place = Place(table: write.table, key: write.key)
        if let held = items[place], held.version >= write.item.version { return .superseded(by: held.version) }
        items[place] = write.item
        committed.append(write)
        return .committed
    }
}

final class ManualClock: Clock {
    var wallMilliseconds: UInt64 = 1_800_000_000_000
    var monotonicMilliseconds: UInt64 = 0
}
