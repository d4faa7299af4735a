internal import Base
internal import Cluster

/// The one thread that writes. It takes everything that waits, judges each operation against what is held, lands a
/// batch in one synced write, and tells the loop. Whatever it keeps in memory equals the disk between batches.
///
/// Invariants: per key only a greater version lands; nothing is readable before it is durable; an item's row, its
/// index row and what its leaf sums up change in one batch or not at all; so do hints and their accounts.
final class Committer {
    let engine: Engine
    let mailbox: Mailbox<CommitCommand>
    let outbox: Outbox
    let leaves: SharedLeaves
    let gauges: SharedGauges
    let options: StoreOptions
    let uptime: Uptime

    var catalog: Catalog
    var liveTables: Set<TableID>
    var highestClock: HybridTimestamp
    /// By partition.
    var marks: [PurgeMark]
    var hintTotals: [Int: HintTotals]
    /// What the running batch changed of what the loop keeps too.
    var changes = MetaSnapshot()
    var versions = VersionTable()
    var journal: LeafJournal
    var staging = Staging()
    let batch = WriteBatch()
    var rowScratch: [UInt8] = []
    var recordScratch: [UInt8] = []
    var disk: DiskWatch
    /// Why RocksDB must be reopened before anything more is written.
    var fault: WriteRefusal?
    var announced = StoreState.writable
    var unsyncedSinceNanoseconds: UInt64?
    var tickedAtNanoseconds: UInt64 = 0
    var reopens: UInt64 = 0

    init(
        engine: Engine, mailbox: Mailbox<CommitCommand>, outbox: Outbox, leaves: SharedLeaves, gauges: SharedGauges,
        options: StoreOptions, uptime: Uptime, ledger: LoadedState.CommitState
    ) {
        self.engine = engine
        self.mailbox = mailbox
        self.outbox = outbox
        self.leaves = leaves
        self.gauges = gauges
        self.options = options
        self.uptime = uptime
        catalog = Catalog(ledger.catalog)
        highestClock = ledger.highestClock
        marks = ledger.kept.marks(partitions: options.partitions)
        hintTotals = ledger.kept.hintTotals
        journal = ledger.journal
        liveTables = catalog.liveIDs
        disk = DiskWatch(directory: engine.directory, reserveBytes: options.diskReserveBytes)
    }

    /// The body of the thread: returns once the mailbox is closed and empty.
    func run() {
        stopTimingRocksCallsOfThisThread()
        var commands: [CommitCommand] = []
        while true {
            switch mailbox.takeAll(into: &commands, waitingAtMostMilliseconds: patienceMilliseconds()) {
            case .elements: work(through: commands)
            case .nothingInTime: break
            case .closed: return keepUptime()
            }
            syncLogIfDue()
            tickIfDue()
        }
    }

    /// Cuts what was taken into batches of bounded size. A change of the catalog or of a mark is a batch of its
    /// own, so that the items before and after it meet the right one.
    private func work(through commands: [CommitCommand]) {
        var start = 0
        while start < commands.count {
            let end = endOfBatch(commands, from: start)
            commit(commands[start..<end])
            start = end
            tickIfDue()
        }
    }

    private func endOfBatch(_ commands: [CommitCommand], from start: Int) -> Int {
        var end = start
        var bytes = 0
        while end < commands.count, end - start < StorageLimits.operationsPerBatch {
            guard commands[end].sharesBatch else { return max(end, start + 1) }
            bytes += commands[end].weightBytes
            guard end == start || bytes <= StorageLimits.bytesPerBatch else { return end }
            end += 1
        }
        return end
    }

    private func commit(_ commands: ArraySlice<CommitCommand>) {
        let started = monotonicNanoseconds()
        disk.look(nowNanoseconds: started)
        var news = Delivery()
        let refusal = refusal()
        if let refusal, fault != nil || !commands.contains(where: \.freesSpace) {
            news.results = Array(repeating: .refused(refusal), count: commands.count)
            news.batches = [Delivery.Batch(resultCount: commands.count, report: nil)]
        } else {
            var report = CommitReport()
            report.operations = commands.count
            report.startNanoseconds = started
            news.results = land(commands, refusing: refusal, &report)
            report.totalNanoseconds = monotonicNanoseconds() - started
            news.batches = [Delivery.Batch(resultCount: news.results.count, report: report)]
            if commands.contains(where: \.countsForPeers) { news.sequence = engine.owned?.sequence }
            news.changes = changes
            changes = MetaSnapshot()
        }
        news.state = changedState()
        outbox.deliver(news)
    }

    private func land(
        _ commands: ArraySlice<CommitCommand>, refusing refusal: WriteRefusal?, _ report: inout CommitReport
    ) -> [WriteResult] {
        guard let database = engine.owned else { preconditionFailure("a batch was started without a database") }
        switch commands.first {
        case .table(let state): return [land(state, database, &report)]
        case .row(let row, let bytes): return [land(row, bytes, database, &report)]
        case .storeID(let id): return [land(id, database, &report)]
        case .promise(let promise, let partition):
            return [land(promise: promise, partition: partition, database, &report)]
        case .purge(let purge): return [land(purge, database, &report)]
        case .item, .hint, .settle, nil: return landTogether(commands, refusing: refusal, database, &report)
        }
    }

    /// Writes the staged batch and clears it; the reason when it failed. After that no write is tried until the
    /// database has been reopened: its log may end in the middle of this batch.
    func write(_ database: Database, synced: Bool, _ report: inout CommitReport) -> RocksFailure? {
        defer { batch.clear() }
        let started = monotonicNanoseconds()
        do throws(RocksFailure) {
            try database.write(batch, synced: synced)
        } catch {
            fault = WriteRefusal(error)
            report.failed = true
            return error
        }
        report.syncStartNanoseconds = started
        report.syncNanoseconds = monotonicNanoseconds() - started
        disk.wrote(bytes: report.bytes)
        if !synced { unsyncedSinceNanoseconds = unsyncedSinceNanoseconds ?? started }
        return nil
    }
}

extension WriteRefusal {
    init(_ failure: RocksFailure) {
        self = failure.isNoSpace ? .diskFull : .inputOutput(failure.message)
    }
}
