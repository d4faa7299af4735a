internal import Base
internal import Cluster

/// The store of one process on a simulated disk. Writes wait in a queue, and a commit thread writes all of them as one
/// batch. Some reads need the disk. No write is readable or acknowledged before it is durable.
final class SimulatedStore: ReplicaStore {
    private struct Command {
        enum Change {
            case item(ReplicaWrite)
            case table(TableState)
            case row(ClusterRow, [UInt8])
            case storeID(StoreID)
            case promise(HybridTimestamp, partition: PartitionID)
            case purge(Purge)
            case hint(Hint)
            case settlements([HintSettlement])
        }

        let change: Change
        let completion: (WriteResult) -> Void
    }

    fileprivate static let brokenMessage = "input/output error (simulated)"

    let disk: SimulatedDisk
    private let world: World
    private let process: SimulatedProcess
    private let clock: SimulatedTimeSource
    private let partitions: Int
    private let openedAt: UInt64
    private let uptimeAtOpening: UInt64
    private var queue: [Command] = []
    private var committing: SimulatedBatch?
    /// Batches whose sync failed. They may be in the write-ahead log all the same, and be found when it is opened
    /// again.
    private var failedBatches: [SimulatedBatch] = []
    private(set) var isFailed = false
    private(set) var highestClock: HybridTimestamp
    private(set) var longestQueue = 0
    /// A closure that is called after the store was opened again, with the table catalog found on the disk.
    var onReopen: (_ catalog: [TableState]) -> Void = { _ in }
    /// A closure that is called when a hint is settled as delivered.
    var onHintDelivered: (Hint) -> Void = { _ in }
    /// The largest number of commands that wait for the commit thread.
    var queueLimit = 200
    /// The share of point reads, in percent, that the store cannot answer from memory and that need the disk.
    var memoryMissPercent = 15.0

    /// The limit for the total size of all stored hints, in bytes.
    var hintBudgetBytes: UInt64 = 1 << 20

    init(
        _ disk: SimulatedDisk, _ process: SimulatedProcess, _ world: World, _ clock: SimulatedTimeSource,
        partitions: Int
    ) {
        self.disk = disk
        self.process = process
        self.world = world
        self.clock = clock
        self.partitions = partitions
        openedAt = clock.monotonicMilliseconds
        uptimeAtOpening = disk.uptimeMilliseconds
        highestClock = disk.marks.values.reduce(disk.highestClock) { max($0, $1.promised) }
    }

    var durableSequence: UInt64 { disk.sequence }

    var uptimeMilliseconds: UInt64 { uptimeAtOpening + clock.monotonicMilliseconds - openedAt }

    /// Ends the store with its process. Chance decides for each batch that was not synced whether it is durable.
    func crash() {
        for batch in failedBatches + [committing].compactMap({ $0 }) where world.random.chance(50) { disk.apply(batch) }
        failedBatches = []
        committing = nil
    }

    /// Opens the store again after a disk failure. Chance decides which of the failed batches the log contains.
    func reopen() {
        guard isFailed, !process.isDead, disk.health == .good else { return }
        for batch in failedBatches where world.random.chance(50) { disk.apply(batch) }
        failedBatches = []
        isFailed = false
        process.enqueue { [self] in onReopen(disk.catalog) }
    }
}

// Reads.
extension SimulatedStore {
    func peek(_ table: TableID, _ key: ItemKey) -> MemoryLookup {
        if isFailed { return .failed(.inputOutput(Self.brokenMessage)) }
        if world.random.chance(memoryMissPercent) { return .needsDisk }
        if let item = disk.item(table, key) { return .found(item) }
        return disk.dropped.contains(table) ? .failed(.tableDeleted) : .absent
    }

    func fetch(
        _ table: TableID, _ key: ItemKey, completion: @escaping (Result<StoredItem?, StoreError>) -> Void
    ) {
        read(table, completion: completion) { $0.item(table, key) }
    }

    func page(_ request: PageRequest, completion: @escaping (Result<Page, StoreError>) -> Void) {
        read(request.table.id, completion: completion) { Page(of: $0.rows(of: request.table.id), request) }
    }

    func sums(_ table: TableID) -> [PartitionSums] {
        disk.sums(of: table, partitions: partitions)
    }

    var roots: [UInt64] { disk.roots(partitions: partitions) }

    func leaves(of partition: PartitionID) -> [UInt64] { disk.leaves(of: partition, partitions: partitions) }

    func tombstones(of partition: PartitionID) -> UInt64 { disk.tombstones(of: partition, partitions: partitions) }

    func mark(of partition: PartitionID) -> PurgeMark { disk.mark(of: partition) }

    var hintTotals: [MemberIndex: HintTotals] { disk.hintTotals }

    func list(_ request: LeafRequest, completion: @escaping (Result<LeafList, StoreError>) -> Void) {
        let partitions = partitions
        read(nil, completion: completion) { $0.list(request, partitions: partitions) }
    }

    func hints(
        of target: MemberIndex, after: RowPlace?, limit: Int, maximumBytes: Int,
        completion: @escaping (Result<[Hint], StoreError>) -> Void
    ) {
        read(nil, completion: completion) { disk in
            let following = disk.hints.filter { address, _ in
                address.target == target && (after.map { address.place > $0 } ?? true)
            }
            return following.sorted { $0.key < $1.key }.prefix(limit).map(\.value)
        }
    }

    /// Executes `query` on a reader thread at a random time, and completes after another delay.
    private func read<Value>(
        _ table: TableID?, completion: @escaping (Result<Value, StoreError>) -> Void,
        _ query: @escaping (SimulatedDisk) -> Value
    ) {
        world.after(world.random.skewed(10...20_000)) { [self] in
            let result: Result<Value, StoreError>
            if isFailed {
                result = .failure(.inputOutput(Self.brokenMessage))
            } else {
                let isGone = table.map(disk.dropped.contains) ?? false
                result = isGone ? .failure(.tableDeleted) : .success(query(disk))
            }
            process.after(world.random.skewed(1...20_000)) { completion(result) }
        }
    }
}

// Writes.
extension SimulatedStore {
    func submit(_ write: ReplicaWrite, completion: @escaping (WriteResult) -> Void) {
        highestClock = max(highestClock, write.item.version.clock)
        submit(Command(change: .item(write), completion: completion))
    }

    func submit(_ state: TableState, completion: @escaping (WriteResult) -> Void) {
        submit(Command(change: .table(state), completion: completion))
    }

    func submit(_ row: ClusterRow, _ bytes: [UInt8], completion: @escaping (WriteResult) -> Void) {
        submit(Command(change: .row(row, bytes), completion: completion))
    }

    func submit(storeID: StoreID, completion: @escaping (WriteResult) -> Void) {
        submit(Command(change: .storeID(storeID), completion: completion))
    }

    func submit(promise: HybridTimestamp, partition: PartitionID, completion: @escaping (WriteResult) -> Void) {
        highestClock = max(highestClock, promise)
        submit(Command(change: .promise(promise, partition: partition), completion: completion))
    }

    func submit(_ purge: Purge, completion: @escaping (WriteResult) -> Void) {
        highestClock = max(highestClock, purge.mark)
        submit(Command(change: .purge(purge), completion: completion))
    }

    func submit(_ hint: Hint, completion: @escaping (WriteResult) -> Void) {
        submit(Command(change: .hint(hint), completion: completion))
    }

    func settle(_ hints: [HintSettlement], completion: @escaping (WriteResult) -> Void) {
        submit(Command(change: .settlements(hints), completion: completion))
    }

    private func submit(_ command: Command) {
        if let rejection {
            return process.enqueue { command.completion(.refused(rejection)) }
        }
        queue.append(command)
        longestQueue = max(longestQueue, queue.count)
        if committing == nil { process.enqueue { self.commit() } }
    }

    private var rejection: WriteRefusal? {
        if isFailed { return .inputOutput(Self.brokenMessage) }
        if disk.health == .full { return .diskFull }
        return queue.count >= queueLimit ? .queueFull : nil
    }

    private func commit() {
        guard committing == nil, !queue.isEmpty else { return }
        let commands = queue
        queue = []
        // After a failed batch nothing is written until the store is opened again.
        if isFailed {
            return answer(commands, commands.map { _ in .refused(.inputOutput(Self.brokenMessage)) })
        }
        var batch = SimulatedBatch()
        let results = commands.map { decide($0.change, &batch) }
        committing = batch
        if PlantedFault.skipSync.isPlanted { answer(commands, results) }
        world.after(world.random.skewed(disk.syncMicroseconds)) { [self] in
            guard !process.isDead else { return }
            let isDurable = sync(batch)
            process.after(world.random.skewed(1...500)) { [self] in
                if !PlantedFault.skipSync.isPlanted {
                    answer(commands, isDurable ? results : results.map(\.afterFailedSync))
                }
                commit()
            }
        }
    }

    private func answer(_ commands: [Command], _ results: [WriteResult]) {
        for (command, result) in zip(commands, results) { process.enqueue { command.completion(result) } }
    }

    /// Writes a batch of the store's changes durably to the simulated disk. Returns false if the sync fails.
    private func sync(_ batch: SimulatedBatch) -> Bool {
        committing = nil
        if disk.health == .broken || isFailed {
            isFailed = true
            failedBatches.append(batch)
            return false
        }
        disk.apply(batch)
        return true
    }

    /// Adds a change to the batch if it applies, and returns the result that its caller gets once the batch is durable.
    private func decide(_ change: Command.Change, _ batch: inout SimulatedBatch) -> WriteResult {
        switch change {
        case .item(let write): return decide(write, &batch)
        case .hint(let hint): return decide(hint, &batch)
        case .settlements(let settlements): for settlement in settlements { apply(settlement, &batch) }
        case .promise(let promise, let partition):
            var mark = batch.marks[partition] ?? disk.mark(of: partition)
            mark.promised = max(mark.promised, promise)
            batch.marks[partition] = mark
            batch.changes += 1
        case .purge(let purge): apply(purge, &batch)
        case .storeID(let storeID): batch.storeID = storeID
        case .table(let state):
            if let known = batch.tables.last(where: { $0.name == state.name }) ?? disk.tables[state.name],
                !state.supersedes(known)
            {
                return .committed
            }
            batch.tables.append(state)
            batch.changes += 1
        case .row(let row, let bytes): batch.rows[row] = bytes
        }
        return .committed
    }

    private func decide(_ write: ReplicaWrite, _ batch: inout SimulatedBatch) -> WriteResult {
        guard isLive(write.table, batch) else { return .tableDeleted }
        let address = SimulatedDisk.Address(table: write.table, key: write.key)
        let staged = batch.items[address]
        let held = staged ?? disk.items[address]
        if let held, !isNewer(write, than: held, ofSameBatch: staged != nil) {
            return .superseded(by: held.version)
        }
        let partition = KeyPlace(key: write.key, partitions: partitions).partition
        let mark = batch.marks[partition] ?? disk.mark(of: partition)
        if let verdict = mark.verdict(on: write, held: held.map(HeldVersion.init)) { return verdict }
        batch.stage(write.item, at: address)
        return .committed
    }

    private func isNewer(_ write: ReplicaWrite, than held: StoredItem, ofSameBatch: Bool) -> Bool {
        if write.isRepair, PlantedFault.olderOverNewer.isPlanted { return write.item.version != held.version }
        return HeldVersion(write.item).replaces(HeldVersion(held), ofSameBatch: ofSameBatch)
    }

    private func apply(_ purge: Purge, _ batch: inout SimulatedBatch) {
        let partition = purge.partition
        var mark = batch.marks[partition] ?? disk.mark(of: partition)
        mark.purged = max(mark.purged, purge.mark)
        mark.promised = max(mark.promised, mark.purged)
        batch.marks[partition] = mark
        batch.changes += 1
        for row in purge.rows {
            let address = SimulatedDisk.Address(table: row.table, key: row.key)
            let held = batch.items[address] ?? disk.items[address]
            guard let held, held.version == row.version else { continue }
            batch.items[address] = .some(nil)
        }
    }

    private func isLive(_ table: TableID, _ batch: SimulatedBatch) -> Bool {
        for state in batch.tables.reversed() where state.id == table { return !state.isDeleted }
        guard let known = disk.tables.values.first(where: { $0.id == table }) else { return false }
        let latest = batch.tables.last { $0.name == known.name } ?? known
        return !latest.isDeleted && latest.id == table
    }
}

// Hints.
extension SimulatedStore {
    private func decide(_ hint: Hint, _ batch: inout SimulatedBatch) -> WriteResult {
        guard isLive(hint.write.table, batch) else { return .tableDeleted }
        let address = SimulatedDisk.HintAddress(target: hint.target, place: hint.place)
        let held = batch.hints[address] ?? disk.hints[address]
        if let held, held.write.item.version >= hint.write.item.version {
            return .superseded(by: held.write.item.version)
        }
        let totals = disk.hintTotals.merging(batch.hintTotals) { $1 }
        let bytes = totals.values.reduce(UInt64(0)) { $0 + $1.pendingBytes } - UInt64(held?.weightBytes ?? 0)
        guard bytes + UInt64(hint.weightBytes) <= hintBudgetBytes else { return .refused(.hintBudget) }
        batch.hintTotals[hint.target, default: totals[hint.target] ?? HintTotals()].store(hint, replacing: held)
        batch.hints[address] = .some(hint)
        batch.uptimeMilliseconds = uptimeMilliseconds
        batch.changes += 1
        return .committed
    }

    private func apply(_ settlement: HintSettlement, _ batch: inout SimulatedBatch) {
        let address = SimulatedDisk.HintAddress(target: settlement.target, place: settlement.place)
        let held = batch.hints[address] ?? disk.hints[address]
        guard let held, settlement.applies(to: held) else { return }
        if settlement.fate == .delivered { onHintDelivered(held) }
        batch.hintTotals[settlement.target, default: disk.hintTotals[settlement.target] ?? HintTotals()]
            .remove(held, settlement.fate)
        batch.hints[address] = .some(nil)
        batch.uptimeMilliseconds = uptimeMilliseconds
        batch.changes += 1
    }
}

extension WriteResult {
    /// The result of a write whose batch failed to sync. A write that the batch does not contain keeps its result.
    fileprivate var afterFailedSync: WriteResult {
        switch self {
        case .tableDeleted, .refused, .expired: self
        case .committed, .superseded, .failed: .failed(SimulatedStore.brokenMessage)
        }
    }
}
