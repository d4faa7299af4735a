import Cluster

/// A replica's store in memory. Disk operations complete when the test calls `settle`. The state of the disk is a
/// value, so a test rolls a disk back by assigning an earlier state.
final class MemoryReplica: ReplicaStore {
    struct HintAddress: Hashable {
        let target: MemberIndex
        let place: RowPlace
    }

    /// Everything that the simulated disk of an in-memory replica holds.
    struct State {
        var storeID = StoreID(high: 9, low: 0)
        var bootCounter: UInt64 = 0
        var sequence: UInt64 = 0
        var rows: [ClusterRow: [UInt8]] = [:]
        var tables: [TableName: TableState] = [:]
        var items: [RowPlace: StoredItem] = [:]
        var marks: [PartitionID: PurgeMark] = [:]
        var hints: [HintAddress: Hint] = [:]
        var hintTotals: [MemberIndex: HintTotals] = [:]
    }

    var state = State()
    private var pending: [() -> Void] = []
    private(set) var committed: [ReplicaWrite] = []
    var partitions = 16
    var answersFromMemory = true
    var highestClock = HybridTimestamp(rawValue: 0)
    var uptimeMilliseconds: UInt64 = 0
    var hintBudgetBytes: UInt64 = 1 << 20
    var isOverloaded = false
    var nextWriteResult: WriteResult?
    var readError: StoreError?

    var clusterRecord: [UInt8]? { state.rows[.record] }
    var durableSequence: UInt64 { state.sequence }

    func item(_ table: TableID, _ key: ItemKey) -> StoredItem? { state.items[RowPlace(table: table, key: key)] }

    func peek(_ table: TableID, _ key: ItemKey) -> MemoryLookup {
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

    /// Queues a read of the simulated disk. `settle` executes it and passes the value, or `readError` if it is set, to
    /// `completion`.
    func read<Value>(_ completion: @escaping (Result<Value, StoreError>) -> Void, _ look: @escaping () -> Value) {
        pending.append { completion(self.readError.map { .failure($0) } ?? .success(look())) }
    }

    func submit(_ write: ReplicaWrite, completion: @escaping (WriteResult) -> Void) {
        highestClock = max(highestClock, write.item.version.clock)
        change(completion) { $0.apply(write) }
    }

    func submit(_ table: TableState, completion: @escaping (WriteResult) -> Void) {
        change(completion) { replica in
            let old = replica.state.tables.updateValue(table, forKey: table.name)
            let gone = [table.isDeleted ? table.id : nil, old?.id == table.id ? nil : old?.id].compactMap(\.self)
            replica.state.items = replica.state.items.filter { !gone.contains($0.key.table) }
            return .committed
        }
    }

    func submit(_ row: ClusterRow, _ bytes: [UInt8], completion: @escaping (WriteResult) -> Void) {
        change(completion) { replica in
            replica.state.rows[row] = bytes
            return .committed
        }
    }

    func submit(storeID: StoreID, completion: @escaping (WriteResult) -> Void) {
        change(completion) { replica in
            replica.state.storeID = storeID
            return .committed
        }
    }

    /// Queues a change of the stored state. `settle` applies the change and passes its result to `completion`; if
    /// `nextWriteResult` is set, it passes that result and changes nothing.
    func change(
        _ completion: @escaping (WriteResult) -> Void, _ apply: @escaping (MemoryReplica) -> WriteResult
    ) {
        pending.append {
            let result = self.nextWriteResult.take() ?? apply(self)
            if result == .committed { self.state.sequence += 1 }
            completion(result)
        }
    }

    func page(_ request: PageRequest, completion: @escaping (Result<Page, StoreError>) -> Void) {
        pending.append {
            if let readError = self.readError { return completion(.failure(readError)) }
            let rows = self.state.items.filter { $0.key.table == request.table.id }
            completion(.success(Self.page(of: rows.map { .init(key: $0.key.key, item: $0.value) }, request)))
        }
    }

    static func page(of rows: [Page.Entry], _ request: PageRequest) -> Page {
        let range = KeyRange(of: request)
        let matching = rows.filter { range.contains($0.key) }
            .sorted { request.reverse ? $1.key < $0.key : $0.key < $1.key }
        let shown = Array(matching.prefix(max(request.limit, 1)))
        return Page(entries: shown, next: shown.count < matching.count ? shown.last?.key : nil)
    }

    func sums(_ table: TableID) -> [PartitionSums] {
        var sums = Array(repeating: PartitionSums(hash: 0, live: 0, tombstones: 0, bytes: 0), count: partitions)
        for (place, item) in state.items where place.table == table {
            let partition = KeyPlace(key: place.key, partitions: partitions).partition
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

    /// Executes the queued disk operations in order. Returns false if there were none.
    @discardableResult
    func settle() -> Bool {
        guard !pending.isEmpty else { return false }
        while !pending.isEmpty { pending.removeFirst()() }
        return true
    }

    private func apply(_ write: ReplicaWrite) -> WriteResult {
        let held = state.items[write.place].map(HeldVersion.init)
        if let held, !HeldVersion(write.item).replaces(held) { return .superseded(by: held.version) }
        if let verdict = mark(of: partition(of: write.key)).verdict(on: write, held: held) { return verdict }
        state.items[write.place] = write.item
        committed.append(write)
        return .committed
    }

    /// Drops the queued disk operations of the replica, as the end of its process would.
    func crash() { pending = [] }
}

final class ManualTimeSource: TimeSource {
    var wallMilliseconds: UInt64 = 1_800_000_000_000
    var monotonicMilliseconds: UInt64 = 0
}
