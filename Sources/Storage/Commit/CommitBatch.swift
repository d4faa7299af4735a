internal import Cluster

/// The batch under way: the rows to write, the changes they make to the state in memory, and the results so far. One
/// value is reused from batch to batch, so that its buffers keep their capacity.
///
/// Commands are judged one after another, against `CommitState` and against what earlier commands of the same batch
/// staged. Invariants: for each key only a greater version is staged; an item's row, its index row and the sums of its
/// leaf are in one batch, and so are hints and their totals; nothing outside this value changes before the rows are
/// durable.
struct CommitBatch {
    let rows = WriteBatch()
    var staged = StagedChanges()
    var report = CommitReport()
    private(set) var results: [WriteResult] = []
    private var judged = 0
    private var weightBytes = 0

    /// A cache of the headers of recently written entries, including those in this batch. It is emptied when a batch
    /// fails, because it then has headers that were not written.
    var versions = VersionTable()
    /// The row key, in the column family `items`, of the entry that the current command names. The buffer is reused.
    var itemKey: [UInt8] = []
    /// The encoded value of the row that is being staged, an item or a hint. The buffer is reused.
    var record: [UInt8] = []

    let options: StoreOptions
    let uptime: CumulativeUptime

    init(options: StoreOptions, uptime: CumulativeUptime) {
        self.options = options
        self.uptime = uptime
    }

    /// Begins a batch of at most `commands` commands. Requires: the previous batch was ended by `takeOutcome`.
    mutating func begin(nowNanoseconds: UInt64, commands: Int) {
        precondition(rows.isEmpty && results.isEmpty, "a batch was begun before the last one had ended")
        report.startNanoseconds = nowNanoseconds
        results.reserveCapacity(min(commands, StorageLimits.operationsPerBatch))
    }

    /// Counts a command of size `bytes` towards the limits of the batch. Returns false when the batch has no room for
    /// the command; the first command always has room.
    mutating func reserve(_ bytes: Int) -> Bool {
        guard results.count < StorageLimits.operationsPerBatch else { return false }
        guard results.isEmpty || weightBytes + bytes <= StorageLimits.bytesPerBatch else { return false }
        weightBytes += bytes
        return true
    }

    mutating func refuse(_ refusal: WriteRefusal) { results.append(.refused(refusal)) }

    mutating func judge(_ command: CommitCommand.Shared, against state: CommitState, in database: Database) {
        judged += 1
        switch command {
        case .item(let write): results.append(judge(write, against: state, in: database))
        case .hint(let hint): results.append(judge(hint, against: state, in: database))
        case .settlements(let settlements): results.append(settle(settlements, against: state, in: database))
        }
    }

    mutating func judge(_ command: CommitCommand.Exclusive, against state: CommitState, in database: Database) {
        judged += 1
        switch command {
        case .table(let table): results.append(stage(table, against: state, in: database))
        case .clusterRow(let row, let bytes): results.append(stage(row, bytes, in: database))
        case .storeID(let id): results.append(stage(id, in: database))
        case .promise(let clock, let partition):
            results.append(stage(promise: clock, of: partition, against: state, in: database))
        case .purge(let purge): results.append(stage(purge, against: state, in: database))
        }
    }

    /// Adds the rows that follow from all commands together: leaf sums, hint totals, uptime and highest clock. Called
    /// once, after the last command.
    mutating func stageTotals(against state: CommitState, journal: inout LeafJournal, in database: Database) {
        if !staged.leaves.isEmpty {
            journal.stage(staged.leaves, in: rows, of: database, stored: state.leaves.sums)
        }
        stageHintTotals(in: database)
        guard staged.highestClock > state.highestClock else { return }
        rows.put(database.handle(.meta), key: MetaRow.clock, value: MetaRow.number(staged.highestClock.rawValue))
    }

    /// Makes the results of the batch failures, because RocksDB could not write its rows; only rejections remain. A
    /// result `superseded` becomes a failure too, because the newer version that it names may be one of this batch.
    mutating func fail(_ failure: RocksFailure) {
        report.failed = true
        results = results.map { $0.isCertain ? $0 : .failed(failure.message) }
        staged.removeAll()
        versions.removeAll()
    }

    /// Removes all rows and changes from the batch. Requires: the batch has only one command, which is then refused.
    mutating func discard() {
        rows.clear()
        staged.removeAll()
    }

    /// Ends the batch and returns its outcome. This value is then empty, ready for the next batch.
    mutating func takeOutcome(nowNanoseconds: UInt64) -> CommitOutcome {
        var outcome = CommitOutcome()
        if judged > 0 {
            report.operations = results.count
            report.totalNanoseconds = nowNanoseconds - report.startNanoseconds
            outcome.report = report
        }
        outcome.changes = staged.meta
        swap(&outcome.results, &results)
        staged.removeAll()
        report = CommitReport()
        (judged, weightBytes) = (0, 0)
        return outcome
    }
}

extension WriteResult {
    /// Whether a command's result remains true if RocksDB then fails to write the command's batch.
    fileprivate var isCertain: Bool {
        switch self {
        case .expired, .tableDeleted, .refused: true
        case .committed, .superseded, .failed: false
        }
    }
}
