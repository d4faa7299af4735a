internal import Base
internal import Cluster

/// The commit thread: the only thread that writes to the database. It takes every command that waits, judges each one,
/// writes the accepted ones as one batch with one sync, and sends the outcome to the event loop (group commit).
///
/// All batches go the same way: judge, write, apply to memory, report. Invariants: nothing is readable before it is
/// durable; between batches, the state in memory equals the disk; after a write has failed, none is tried until the
/// database has been reopened.
final class Committer {
    struct Dependencies: Sendable {
        let engine: Engine
        let commands: Mailbox<CommitCommand>
        let outcomes: CommitOutcomeMailbox
        let leaves: SharedLeaves
        let gauges: SharedGauges
        let uptime: CumulativeUptime
        let options: StoreOptions
    }

    private let engine: Engine
    private let commands: Mailbox<CommitCommand>
    private let outcomes: CommitOutcomeMailbox
    private let gauges: SharedGauges
    private let options: StoreOptions

    private let state: CommitState
    private var batch: CommitBatch
    /// The leaf journal in memory. While a batch is being written it already contains the batch's leaf records, which
    /// the disk does not; after a failed write it is therefore read again from the disk.
    private var journal: LeafJournal
    private var health: WriteHealth
    /// The time of the oldest write since the last periodic sync of RocksDB's log; nil when no write needs that sync.
    private var unsyncedSinceNanoseconds: UInt64?
    private var tickedAtNanoseconds: UInt64 = 0
    private var reopens: UInt64 = 0

    init(_ dependencies: Dependencies, loaded: LoadedState) {
        engine = dependencies.engine
        commands = dependencies.commands
        outcomes = dependencies.outcomes
        gauges = dependencies.gauges
        options = dependencies.options
        state = CommitState(loaded, leaves: dependencies.leaves, partitions: options.partitions)
        batch = CommitBatch(options: options, uptime: dependencies.uptime)
        journal = loaded.journal
        health = WriteHealth(
            disk: DiskSpaceMonitor(directory: engine.directory, reserveBytes: options.diskReserveBytes))
    }

    /// The body of the commit thread. Returns once the command queue is closed and empty.
    func run() {
        stopTimingRocksCallsOfThisThread()
        var waiting: [CommitCommand] = []
        while true {
            switch commands.takeAll(into: &waiting, waitingAtMostMilliseconds: maximumSleepMilliseconds) {
            case .elements: commit(waiting)
            case .timedOut: break
            case .closed: return saveUptime()
            }
            syncLogIfDue()
            tickIfDue()
        }
    }

    /// The longest time that the commit thread sleeps: until its next tick or the next sync of the log, whichever may
    /// be due first.
    private var maximumSleepMilliseconds: Int {
        guard unsyncedSinceNanoseconds != nil, case .interval(let milliseconds) = options.sync else {
            return StorageLimits.tickMilliseconds
        }
        return min(milliseconds, StorageLimits.tickMilliseconds)
    }
}

// Batches.
extension Committer {
    /// Commits all commands, in order, in batches of bounded size.
    private func commit(_ commands: [CommitCommand]) {
        var next = 0
        while next < commands.count {
            switch commands[next] {
            case .shared:
                next += commitTogether(commands[next...])
            case .exclusive(let command):
                commitAlone(command)
                next += 1
            }
            tickIfDue()
        }
    }

    /// Commits the first commands together, up to the limits of a batch or to an exclusive command. Returns their
    /// number.
    private func commitTogether(_ commands: ArraySlice<CommitCommand>) -> Int {
        beginBatch(commands: commands.count)
        let database = engine.commitThreadDatabase
        for command in commands {
            guard case .shared(let command) = command, batch.reserve(command.weightBytes) else { break }
            if let refusal = health.refusal(freesSpace: command.freesSpace) {
                batch.refuse(refusal)
            } else {
                batch.judge(command, against: state, in: Self.require(database))
            }
        }
        let count = batch.results.count
        finishBatch(database, synced: options.sync == .always, raisesDurableSequence: true)
        return count
    }

    private func commitAlone(_ command: CommitCommand.Exclusive) {
        beginBatch(commands: 1)
        let database = engine.commitThreadDatabase
        if let refusal = health.refusal(freesSpace: command.freesSpace) {
            batch.refuse(refusal)
        } else {
            batch.judge(command, against: state, in: Self.require(database))
        }
        finishBatch(database, synced: true, raisesDurableSequence: command.raisesDurableSequence)
    }

    /// Returns the commit thread's database, which must not be nil. It is nil only after an attempt to reopen it has
    /// failed, and until one succeeds every command is refused before this is called.
    private static func require(_ database: Database?) -> Database {
        guard let database else { preconditionFailure("a command was judged without a database") }
        return database
    }

    private func beginBatch(commands: Int) {
        let now = monotonicNanoseconds()
        health.checkDisk(nowNanoseconds: now)
        batch.begin(nowNanoseconds: now, commands: commands)
    }

    private func finishBatch(_ database: Database?, synced: Bool, raisesDurableSequence: Bool) {
        if let database, !batch.rows.isEmpty { writeBatch(to: database, synced: synced) }
        var outcome = batch.takeOutcome(nowNanoseconds: monotonicNanoseconds())
        if raisesDurableSequence, outcome.report != nil { outcome.durableSequence = database?.sequence }
        outcome.state = health.takeStateChange()
        outcomes.post(outcome)
    }

    private func writeBatch(to database: Database, synced: Bool) {
        batch.stageTotals(against: state, journal: &journal, in: database)
        let droppedTable = batch.staged.catalog?.droppedTable
        // The table is marked as being dropped before its rows are removed, so that a reader that misses a row finds
        // the mark.
        if let droppedTable { engine.beginDropping(droppedTable) }
        if let failure = write(to: database, synced: synced) {
            batch.fail(failure)
            if let droppedTable { engine.cancelDropping(droppedTable) }
            return
        }
        state.apply(batch.staged)
        if let droppedTable { removeFiles(of: droppedTable, in: database) }
    }

    private func removeFiles(of table: TableID, in database: Database) {
        journal.drop(table)
        do throws(RocksFailure) {
            try DroppedTableCleanup.unlinkFiles(table, database)
        } catch {
            health.fail(error)
        }
    }

    /// Writes the batch's rows and clears them. Returns the failure, if there was one.
    private func write(to database: Database, synced: Bool) -> RocksFailure? {
        defer { batch.rows.clear() }
        let started = monotonicNanoseconds()
        do throws(RocksFailure) {
            try database.write(batch.rows, synced: synced)
        } catch {
            health.fail(error)
            return error
        }
        batch.report.syncStartNanoseconds = started
        batch.report.syncNanoseconds = monotonicNanoseconds() - started
        health.countWritten(bytes: batch.report.bytes)
        if !synced { unsyncedSinceNanoseconds = unsyncedSinceNanoseconds ?? started }
        return nil
    }
}

// Syncing RocksDB's log at intervals, for writes that were committed without a sync, and saving the uptime when the
// store closes.
extension Committer {
    private func syncLogIfDue() {
        guard let since = unsyncedSinceNanoseconds, case .interval(let milliseconds) = options.sync,
            monotonicNanoseconds() - since >= UInt64(milliseconds) * 1_000_000
        else { return }
        syncLog()
    }

    private func syncLog() {
        guard unsyncedSinceNanoseconds.take() != nil, health.fault == nil, let database = engine.commitThreadDatabase
        else { return }
        do throws(RocksFailure) {
            try database.syncLog()
        } catch {
            health.fail(error)
        }
    }

    /// Saves the store's cumulative uptime when the store closes. If the disk refuses the write, the uptime since it
    /// was last saved is lost: the age of hints by uptime is then too low, their age by the wall clock is not.
    private func saveUptime() {
        guard health.refusal(freesSpace: false) == nil, let database = engine.commitThreadDatabase else {
            return syncLog()
        }
        batch.rows.put(
            database.handle(.meta), key: MetaRow.uptime, value: MetaRow.number(batch.uptime.milliseconds))
        if write(to: database, synced: true) == nil { unsyncedSinceNanoseconds = nil }
    }
}

// The tick, the commit thread's periodic work: about once a second it checks the free disk space and RocksDB's
// background errors, and reopens a failed database. It also runs without writes, because a disk fills, a flush fails
// and space comes back without any.
extension Committer {
    private func tickIfDue() {
        let now = monotonicNanoseconds()
        guard now - tickedAtNanoseconds >= UInt64(StorageLimits.tickMilliseconds) * 1_000_000 else { return }
        tickedAtNanoseconds = now
        health.checkDisk(nowNanoseconds: now)
        if let database = engine.commitThreadDatabase { health.checkBackgroundErrors(in: database) }
        var outcome = CommitOutcome()
        if health.fault != nil { outcome.reopened = reopen() }
        publishGauges()
        outcome.state = health.takeStateChange()
        if outcome.state != nil || outcome.reopened != nil { outcomes.post(outcome) }
    }

    /// Closes and reopens the database. This drops the errors that RocksDB keeps, and replays its log into new table
    /// files, so that what a failed sync left only in the page cache reaches the disk another way. The database still
    /// serves reads, so it stays open until the disk has room for those files. Nil when it was not reopened.
    private func reopen() -> CommitOutcome.Reopened? {
        let unflushedBytes = engine.commitThreadDatabase?.unflushedBytes ?? 0
        guard health.disk.hasRoom(forBytes: unflushedBytes) else { return nil }
        do throws(StoreOpenError) {
            try engine.reopen()
            let loaded = try LoadedState(
                reading: Self.require(engine.commitThreadDatabase), directory: engine.directory,
                partitions: options.partitions)
            state.reload(loaded)
            journal = loaded.journal
            batch.versions.removeAll()
            unsyncedSinceNanoseconds = nil
            reopens += 1
            health.clearFault()
            return CommitOutcome.Reopened(tables: loaded.tables, meta: loaded.meta)
        } catch {
            health.fail(error)
            return nil
        }
    }

    private func publishGauges() {
        var now = StoreGauges()
        now.freeDiskBytes = health.disk.space?.freeBytes ?? 0
        now.totalDiskBytes = health.disk.space?.totalBytes ?? 0
        now.diskReserveBytes = health.disk.reserveBytes
        now.blockCacheBytes = engine.blockCacheUsedBytes
        now.reopens = reopens
        engine.commitThreadDatabase?.fill(&now)
        gauges.publish(now)
    }
}
