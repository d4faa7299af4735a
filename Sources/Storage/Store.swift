internal import Base
package import Cluster

/// A node's data on its disk. Bound to the loop: every call comes from there, and every closure is called there, from
/// within `deliverCompletions`. Nothing of it waits for the disk but `init` and `close`.
package final class Store {
    package private(set) var storeID: StoreID
    package let bootCounter: UInt64
    /// Every table state, deleted ones included, as read at the opening, and anew when a failed store has reopened:
    /// the owner of the catalog merges it then.
    package private(set) var tables: [TableState]
    /// What the loop knows of the other rows of `meta`; anew, too, when the store has reopened.
    private(set) var kept: MetaSnapshot
    /// At least the clock of every version submitted, and so of every version held; and at least what was promised.
    package private(set) var highestClock: HybridTimestamp
    /// Counts the rows ever written to this directory, up to the last change of items, tables or hints; never goes back
    /// unless the disk did.
    package private(set) var durableSequence: UInt64
    package private(set) var state = StoreState.writable
    package var onStateChange: ((StoreState) -> Void)?
    /// Called once for each batch, before its completions.
    package var commitObserver: ((CommitReport) -> Void)?

    /// The batch of the write whose completion is being called; nil of one that was refused, and elsewhere.
    package private(set) var lastCommit: CommitReport?

    private let engine: Engine
    private let mailbox: Mailbox<CommitCommand>
    private let outbox: Outbox
    let leaves: SharedLeaves
    let uptime: Uptime
    private let sharedGauges: SharedGauges
    private let maximumQueueBytes: Int
    private let wake: @Sendable () -> Void
    private let thread: WorkerThread
    private var completions: [(WriteResult) -> Void] = []
    private var refused: [(refusal: WriteRefusal, completion: (WriteResult) -> Void)] = []
    private var isOpen = true

    /// Blocks: opens or makes the directory, replays its log, reads the catalog and the leaf records, raises the boot
    /// counter, and starts the commit thread. `wake` is called from that thread, and from `submit`: it must make the
    /// loop call `deliverCompletions` soon.
    package init(
        directory: String, nodeID: NodeID, options: StoreOptions, wake: @escaping @Sendable () -> Void
    ) throws(StoreOpenError) {
        let engine = try Engine(directory: directory, blockCacheBytes: options.blockCacheBytes)
        let opened: OpenedStore
        do throws(StoreOpenError) {
            opened = try OpenedStore(engine, nodeID: nodeID, options: options, wake: wake)
        } catch {
            engine.close()
            throw error
        }
        stopTimingRocksCallsOfThisThread()
        self.engine = engine
        self.wake = wake
        mailbox = opened.mailbox
        outbox = opened.outbox
        leaves = opened.leaves
        sharedGauges = opened.gauges
        thread = opened.thread
        maximumQueueBytes = options.maximumQueueBytes
        uptime = opened.uptime
        storeID = opened.identity.storeID
        bootCounter = opened.identity.bootCounter
        tables = opened.ledger.catalog
        kept = opened.ledger.kept
        highestClock = opened.ledger.highestClock
        durableSequence = opened.sequence
    }

    deinit { precondition(!isOpen, "a store was dropped without being closed") }

    /// What memory holds of the key, in a few microseconds.
    package func peek(_ table: TableID, _ key: ItemKey) -> MemoryLookup {
        let address = ItemAddress(table: table, key: key)
        do throws(StoreError) {
            let answer = try engine.readWithoutWaiting { database throws(StoreError) in
                try database.peek(address)
            }
            if answer == .absent { try engine.requireKept(table) }
            return answer ?? .needsDisk
        } catch {
            return .failed(error)
        }
    }

    package var reader: StoreReader { StoreReader(engine: engine, leaves: leaves) }

    package func submit(_ write: ReplicaWrite, completion: @escaping (WriteResult) -> Void) {
        exceed(write.item.version.clock)
        post(.item(write), completion)
    }

    /// `.committed` means that this state, or a later one of the same name, is durable. When it ends the life of a
    /// table, the table's rows are gone by then.
    package func submit(_ state: TableState, completion: @escaping (WriteResult) -> Void) {
        post(.table(state), completion)
    }

    /// Replaces the row; `clusterRows` has the new one once it is durable.
    package func submit(_ row: ClusterRow, _ bytes: [UInt8], completion: @escaping (WriteResult) -> Void) {
        post(.row(row, bytes), completion)
    }

    /// Gives the directory another id; `storeID` is the new one once it is durable.
    package func submit(storeID: StoreID, completion: @escaping (WriteResult) -> Void) {
        post(.storeID(storeID), completion)
    }

    /// No row means nothing; but the cluster's record may be there and have no bytes.
    package var clusterRows: [ClusterRow: [UInt8]] {
        kept.cluster.filter { $0.key == .record || !$0.value.isEmpty }
    }

    package var clusterRecord: [UInt8]? { kept.cluster[.record] }

    /// Tells the loop everything that has happened since the last call.
    package func deliverCompletions() {
        let news = outbox.fetch()
        let refused = refused
        self.refused.removeAll()
        let answered = Array(completions.prefix(news.results.count))
        precondition(answered.count == news.results.count, "the commit thread answered what was not asked")
        completions.removeFirst(answered.count)
        adopt(news)
        complete(answered, news)
        for (refusal, completion) in refused { completion(.refused(refusal)) }
    }

    private func complete(_ answered: [(WriteResult) -> Void], _ news: Delivery) {
        var next = 0
        for batch in news.batches {
            lastCommit = batch.report
            for index in next..<(next + batch.resultCount) { answered[index](news.results[index]) }
            next += batch.resultCount
        }
        precondition(next == answered.count, "the commit thread's batches are not what it answered")
        lastCommit = nil
    }

    /// Exact, and not behind any write that has been answered.
    package func summary(of table: TableID) -> TableSummary { leaves.summary(of: table) }

    /// The same for each partition, as members tell it to one another.
    package func sums(_ table: TableID) -> [PartitionSums] {
        summary(of: table).partitions.map {
            PartitionSums(hash: $0.digest, live: $0.live, tombstones: $0.tombstones, bytes: $0.bytes)
        }
    }

    package var gauges: StoreGauges {
        var gauges = sharedGauges.current
        gauges.queuedBytes = mailbox.weight
        gauges.maximumQueueBytes = maximumQueueBytes
        return gauges
    }

    /// Blocks: finishes and answers what is queued, then closes the database.
    package func close() {
        precondition(isOpen, "a store was closed twice")
        isOpen = false
        mailbox.close()
        thread.join()
        engine.close()
        deliverCompletions()
        precondition(completions.isEmpty, "the commit thread left something unanswered")
    }

    /// Whether more than three quarters of what may wait for the commit thread does.
    package var isOverloaded: Bool { mailbox.weight > maximumQueueBytes / 4 * 3 }

    /// From now on no version is stamped below `clock`.
    func exceed(_ clock: HybridTimestamp) { highestClock = max(highestClock, clock) }

    func post(_ command: CommitCommand, _ completion: @escaping (WriteResult) -> Void) {
        if mailbox.post(command, weight: command.weightBytes) {
            completions.append(completion)
        } else {
            refused.append((isOpen ? .queueFull : .closing, completion))
            wake()
        }
    }

    private func adopt(_ news: Delivery) {
        if let sequence = news.sequence { durableSequence = sequence }
        if let reopened = news.reopened {
            tables = reopened.tables
            kept = reopened.kept
            storeID = kept.storeID ?? storeID
        }
        kept.merge(news.changes)
        storeID = news.changes.storeID ?? storeID
        if let state = news.state {
            self.state = state
            onStateChange?(state)
        }
        for case let report? in news.batches.map(\.report) { commitObserver?(report) }
    }
}

extension Database {
    fileprivate func peek(_ address: ItemAddress) throws(StoreError) -> MemoryLookup {
        let row = RowKey.item(address.table, address.key.bytes)
        do throws(MemoryMiss) {
            let item = try get(.items, row, tier: .memory, failed: MemoryMiss.init) {
                (record: Span<UInt8>) throws(MemoryMiss) in
                do throws(ItemRecord.Damage) {
                    return try ItemRecord.item(record)
                } catch {
                    throw .failed(StoreError(error, of: address))
                }
            }
            return item.map { .found($0) } ?? .absent
        } catch {
            switch error {
            case .incomplete: return .needsDisk
            case .failed(let failure): throw failure
            }
        }
    }
}

private enum MemoryMiss: Error {
    case incomplete
    case failed(StoreError)

    init(_ failure: RocksFailure) {
        self = failure.isIncomplete ? .incomplete : .failed(StoreError(failure))
    }
}
