internal import Base
internal import Cluster

/// A store as a process sees it: a queue, a commit thread that takes all of it at once, and reads that memory cannot
/// always answer. Nothing is readable or acknowledged before it is on the disk.
final class SimulatedStore: ReplicaStore {
    private struct Command {
        enum Change {
            case item(ReplicaWrite)
            case table(TableState)
            case clusterRecord([UInt8])
        }

        let change: Change
        let completion: (WriteResult) -> Void
    }

    private static let brokenMessage = "input/output error (simulated)"

    let disk: SimulatedDisk
    private let world: World
    private let process: SimulatedProcess
    private let partitions: Int
    private var queue: [Command] = []
    private var committing: SimulatedBatch?
    /// Batches that failed: the log may hold them all the same.
    private var doubtful: [SimulatedBatch] = []
    private(set) var hasFailed = false
    private(set) var highestClock: HybridTimestamp
    private(set) var longestQueue = 0
    /// What was on the disk after all when the store was opened again.
    var reopened: (_ catalog: [TableState]) -> Void = { _ in }
    /// Commands that may wait for the commit thread.
    var queueLimit = 200
    /// Of look-ups that memory cannot answer.
    var coldPercent = 15.0

    init(_ disk: SimulatedDisk, _ process: SimulatedProcess, _ world: World, partitions: Int) {
        self.disk = disk
        self.process = process
        self.world = world
        self.partitions = partitions
        highestClock = disk.highestClock
    }

    var durableSequence: UInt64 { disk.sequence }

    /// The process has died. A batch that was on its way is there or is not.
    func crash() {
        for batch in doubtful + [committing].compactMap({ $0 }) where world.random.chance(50) { disk.land(batch) }
        doubtful = []
        committing = nil
    }

    /// The disk works again; whatever the log holds is found, and counts from now on.
    func reopen() {
        guard hasFailed, !process.isDead, disk.health == .good else { return }
        for batch in doubtful where world.random.chance(50) { disk.land(batch) }
        doubtful = []
        hasFailed = false
        process.soon { [self] in reopened(disk.catalog) }
    }
}

// Reads.
extension SimulatedStore {
    func peek(_ table: TableID, _ key: ItemKey) -> Peek {
        if hasFailed { return .failed(.inputOutput(Self.brokenMessage)) }
        if world.random.chance(coldPercent) { return .needsDisk }
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

    /// A worker looks at some moment between now and the answer.
    private func read<Value>(
        _ table: TableID, completion: @escaping (Result<Value, StoreError>) -> Void,
        _ look: @escaping (SimulatedDisk) -> Value
    ) {
        world.after(world.random.skewed(10...20_000)) { [self] in
            let result: Result<Value, StoreError>
            if hasFailed {
                result = .failure(.inputOutput(Self.brokenMessage))
            } else {
                result = disk.dropped.contains(table) ? .failure(.tableDeleted) : .success(look(disk))
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

    func submit(clusterRecord: [UInt8], completion: @escaping (WriteResult) -> Void) {
        submit(Command(change: .clusterRecord(clusterRecord), completion: completion))
    }

    private func submit(_ command: Command) {
        if let refusal {
            return process.soon { command.completion(.refused(refusal)) }
        }
        queue.append(command)
        longestQueue = max(longestQueue, queue.count)
        if committing == nil { process.soon { self.commit() } }
    }

    private var refusal: WriteRefusal? {
        if hasFailed { return .inputOutput(Self.brokenMessage) }
        if disk.health == .full { return .diskFull }
        return queue.count >= queueLimit ? .queueFull : nil
    }

    private func commit() {
        guard committing == nil, !queue.isEmpty else { return }
        let commands = queue
        queue = []
        var batch = SimulatedBatch()
        let results = commands.map { judge($0.change, &batch) }
        committing = batch
        if PlantedFault.skipSync.isPlanted { answer(commands, results) }
        world.after(world.random.skewed(disk.syncMicroseconds)) { [self] in
            guard !process.isDead else { return }
            let landed = synced(batch)
            process.after(world.random.skewed(1...500)) { [self] in
                if !PlantedFault.skipSync.isPlanted {
                    answer(commands, landed ? results : results.map { $0.isCertain ? $0 : .failed(Self.brokenMessage) })
                }
                commit()
            }
        }
    }

    private func answer(_ commands: [Command], _ results: [WriteResult]) {
        for (command, result) in zip(commands, results) { process.soon { command.completion(result) } }
    }

    private func synced(_ batch: SimulatedBatch) -> Bool {
        committing = nil
        if disk.health == .broken || hasFailed {
            hasFailed = true
            doubtful.append(batch)
            return false
        }
        disk.land(batch)
        return true
    }

    private func judge(_ change: Command.Change, _ batch: inout SimulatedBatch) -> WriteResult {
        switch change {
        case .item(let write): return judge(write, &batch)
        case .table(let state):
            if let known = batch.tables.last(where: { $0.name == state.name }) ?? disk.tables[state.name],
                !state.supersedes(known)
            {
                return .committed
            }
            batch.tables.append(state)
            batch.changes += 1
        case .clusterRecord(let bytes):
            batch.clusterRecord = bytes
            batch.changes += 1
        }
        return .committed
    }

    private func judge(_ write: ReplicaWrite, _ batch: inout SimulatedBatch) -> WriteResult {
        guard isLive(write.table, batch) else { return .tableDeleted }
        let address = SimulatedDisk.Address(table: write.table, key: write.key)
        let staged = batch.items[address]
        if let held = staged ?? disk.items[address],
            !HeldVersion(write.item).replaces(HeldVersion(held), ofSameBatch: staged != nil)
        {
            return .superseded(by: held.version)
        }
        batch.stage(write.item, at: address)
        return .committed
    }

    private func isLive(_ table: TableID, _ batch: SimulatedBatch) -> Bool {
        for state in batch.tables.reversed() where state.id == table { return !state.isDeleted }
        guard let known = disk.tables.values.first(where: { $0.id == table }) else { return false }
        let latest = batch.tables.last { $0.name == known.name } ?? known
        return !latest.isDeleted && latest.id == table
    }
}

extension WriteResult {
    /// Whether it holds whatever becomes of the batch.
    fileprivate var isCertain: Bool {
        switch self {
        case .tableDeleted, .refused: true
        case .committed, .superseded, .failed: false
        }
    }
}
