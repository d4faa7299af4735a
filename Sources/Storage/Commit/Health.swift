internal import Base
internal import Cluster

// Refusing writes that could not be kept, and becoming able to keep them again.

extension Committer {
    /// Why a batch may not start now.
    func refusal() -> WriteRefusal? {
        fault ?? (disk.isFull ? .diskFull : nil)
    }

    /// The state, if the loop has not been told of it.
    func changedState() -> StoreState? {
        let state = refusal().map { StoreState.refusing($0) } ?? .writable
        guard state != announced else { return nil }
        announced = state
        return state
    }

    /// How long the thread may sleep: to the next tick, or to the next sync.
    func patienceMilliseconds() -> Int {
        guard unsyncedSinceNanoseconds != nil, case .interval(let milliseconds) = options.sync else {
            return StorageLimits.tickMilliseconds
        }
        return min(milliseconds, StorageLimits.tickMilliseconds)
    }

    func syncLogIfDue() {
        guard let since = unsyncedSinceNanoseconds, case .interval(let milliseconds) = options.sync,
            monotonicNanoseconds() - since >= UInt64(milliseconds) * 1_000_000
        else { return }
        syncLog()
    }

    func syncLog() {
        guard unsyncedSinceNanoseconds.take() != nil, fault == nil, let database = engine.owned else { return }
        do throws(RocksFailure) {
            try database.syncLog()
        } catch {
            fault = WriteRefusal(error)
        }
    }

    /// At the end. Should the disk refuse it, hints will seem younger by this run than they are by the wall.
    func keepUptime() {
        guard refusal() == nil, let database = engine.owned else { return syncLog() }
        batch.put(database.handle(.meta), key: MetaRow.uptime, value: MetaRow.number(uptime.milliseconds))
        var report = CommitReport()
        if write(database, synced: true, &report) == nil { unsyncedSinceNanoseconds = nil }
    }

    /// About once a second, idle or not: a disk fills, a flush fails and space comes back without anyone writing.
    func tickIfDue() {
        let now = monotonicNanoseconds()
        guard now - tickedAtNanoseconds >= UInt64(StorageLimits.tickMilliseconds) * 1_000_000 else { return }
        tickedAtNanoseconds = now
        disk.look(nowNanoseconds: now)
        noticeBackgroundFailure()
        var news = Delivery()
        if fault != nil { news.reopened = recover() }
        publishGauges()
        news.state = changedState()
        if news.state != nil || news.reopened != nil { outbox.deliver(news) }
    }

    /// RocksDB refuses writes for good once a flush or compaction has failed, whatever the disk does later.
    private func noticeBackgroundFailure() {
        guard fault == nil, let database = engine.owned else { return }
        guard database.property("rocksdb.background-errors") > 0 else { return }
        fault = disk.isFull ? .diskFull : .inputOutput("a flush or a compaction failed")
    }

    /// Closes and reopens the database, which drops the errors it remembers and replays its log into new tables, so
    /// that what a failed sync left only in the page cache reaches the disk by another way. While it can still serve
    /// reads, it is left alone until there is room for those tables.
    private func recover() -> Delivery.Reopened? {
        guard disk.hasRoom(forBytes: engine.owned?.unflushedBytes ?? 0) else { return nil }
        do throws(StoreOpenError) {
            try engine.reopen()
            guard let database = engine.owned else { preconditionFailure("a reopened engine has no database") }
            let memory = try LoadedState(
                reading: database, directory: engine.directory, partitions: options.partitions)
            adopt(memory)
            return Delivery.Reopened(tables: memory.ledger.catalog, kept: memory.ledger.kept)
        } catch {
            fault = error.isNoSpace ? .diskFull : .inputOutput("\(error)")
            return nil
        }
    }

    private func adopt(_ memory: LoadedState) {
        let ledger = memory.ledger
        catalog = Catalog(ledger.catalog)
        liveTables = catalog.liveIDs
        highestClock = max(highestClock, ledger.highestClock)
        marks = ledger.kept.marks(partitions: options.partitions)
        hintTotals = ledger.kept.hintTotals
        leaves.replaceAll(by: memory.leaves)
        journal = ledger.journal
        versions.forgetAll()
        unsyncedSinceNanoseconds = nil
        reopens += 1
        fault = nil
    }

    private func publishGauges() {
        var now = StoreGauges()
        now.freeDiskBytes = disk.space?.freeBytes ?? 0
        now.totalDiskBytes = disk.space?.totalBytes ?? 0
        now.diskReserveBytes = disk.reserveBytes
        now.blockCacheBytes = engine.blockCacheUsedBytes
        now.reopens = reopens
        engine.owned?.fill(&now)
        gauges.publish(now)
    }
}

extension StoreOpenError {
    fileprivate var isNoSpace: Bool {
        if case .noSpace = self { true } else { false }
    }
}
