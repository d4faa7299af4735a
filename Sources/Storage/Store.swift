internal import Base
package import Cluster

/// A node's data on its disk. Bound to the event loop: every call comes from the loop, and every closure is called on
/// the loop, from within `deliverCompletions`. Only `init` and `close` block on the disk; `reader` is for worker
/// threads.
package final class Store {
    package private(set) var storeID: StoreID
    package let bootCounter: UInt64
    /// The states of all table names, deleted ones included, as read when the store was opened. They are read again
    /// when the database is reopened after a failure, and the node then merges them into its catalog.
    package private(set) var tables: [TableState]
    /// The rows of the column family `meta` that are kept in memory, with all changes whose commit the event loop has
    /// processed.
    private(set) var meta: MetaSnapshot
    /// The highest clock known to the store: at least the clock of every version submitted, and so of every version
    /// stored, and of every purge promise.
    package private(set) var highestClock: HybridTimestamp
    /// RocksDB's sequence number after the last batch that may have changed items, tables or hints. Nodes report this
    /// number to one another. It goes back only if the disk was rolled back.
    package private(set) var durableSequence: UInt64
    package private(set) var state = StoreState.writable
    package var onStateChange: ((StoreState) -> Void)?
    /// Called with the sizes and times of each commit batch, before the completion handlers of its writes.
    package var commitObserver: ((CommitReport) -> Void)?

    /// Sizes and times of the commit batch of the write whose completion handler is running. Nil at all other times,
    /// and if the commit thread refused every write of the batch.
    package private(set) var lastCommit: CommitReport?

    private let engine: Engine
    private let commands: Mailbox<CommitCommand>
    private let outcomes: CommitOutcomeMailbox
    let leaves: SharedLeaves
    let uptime: CumulativeUptime
    private let sharedGauges: SharedGauges
    private let maximumQueueBytes: Int
    private let wake: @Sendable () -> Void
    private let thread: WorkerThread
    /// The completions of the commands submitted to the commit thread, oldest first.
    private var completions: [(WriteResult) -> Void] = []
    /// The writes that were refused because the commit queue was full or the store closing. The next
    /// `deliverCompletions` calls their completion handlers.
    private var refused: [(refusal: WriteRefusal, completion: (WriteResult) -> Void)] = []
    private var isOpen = true

    /// Opens the directory, or creates it; replays RocksDB's log, reads the catalog and the leaf records, raises the
    /// boot counter, and starts the commit thread. Blocks meanwhile. `wake` is called from the commit thread and from
    /// `submit`; it must make the loop call `deliverCompletions` soon.
    package init(
        directory: String, nodeID: NodeID, options: StoreOptions, wake: @escaping @Sendable () -> Void
    ) throws(StoreOpenError) {
        let engine = try Engine(
            directory: directory, blockCacheBytes: options.blockCacheBytes, openFiles: options.openFiles)
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
        commands = opened.shared.commands
        outcomes = opened.shared.outcomes
        leaves = opened.shared.leaves
        uptime = opened.shared.uptime
        sharedGauges = opened.shared.gauges
        thread = opened.thread
        maximumQueueBytes = options.maximumQueueBytes
        storeID = opened.identity.storeID
        bootCounter = opened.identity.bootCounter
        tables = opened.loaded.tables
        meta = opened.loaded.meta
        highestClock = opened.loaded.highestClock
        durableSequence = opened.durableSequence
    }

    deinit { precondition(!isOpen, "a store was dropped without being closed") }

    /// Reads the key from memory alone, in a few microseconds. `needsDisk` when memory does not have the answer.
    package func peek(_ table: TableID, _ key: ItemKey) -> MemoryLookup {
        let address = ItemAddress(table: table, key: key)
        do throws(StoreError) {
            let answer = try engine.readWithoutWaiting { database throws(StoreError) in
                try database.peek(address)
            }
            if answer == .absent { try engine.requireNotDropped(table) }
            return answer ?? .needsDisk
        } catch {
            return .failed(error)
        }
    }

    package var reader: StoreReader { StoreReader(engine: engine, leaves: leaves) }

    package func submit(_ write: ReplicaWrite, completion: @escaping (WriteResult) -> Void) {
        raiseHighestClock(to: write.item.version.clock)
        post(.shared(.item(write)), completion)
    }

    /// Stores a table state in the catalog. The result `.committed` means that this state, or a later one of the same
    /// table name, is durable. A state that ends the life of a table has by then removed the table's rows.
    package func submit(_ state: TableState, completion: @escaping (WriteResult) -> Void) {
        post(.exclusive(.table(state)), completion)
    }

    /// Replaces a cluster row; `clusterRows` has the new contents when they are durable. Empty bytes remove the row,
    /// except that an empty cluster record is stored.
    package func submit(_ row: ClusterRow, _ bytes: [UInt8], completion: @escaping (WriteResult) -> Void) {
        post(.exclusive(.clusterRow(row, bytes)), completion)
    }

    /// Gives the data directory a new store id. `storeID` is the new one when it is durable.
    package func submit(storeID: StoreID, completion: @escaping (WriteResult) -> Void) {
        post(.exclusive(.storeID(storeID)), completion)
    }

    package var clusterRows: [ClusterRow: [UInt8]] {
        meta.cluster.filter { $0.key == .record || !$0.value.isEmpty }
    }

    package var clusterRecord: [UInt8]? { meta.cluster[.record] }

    /// The size of a table on this node. It is exact and includes every write whose completion was called.
    package func summary(of table: TableID) -> TableSummary { leaves.summary(of: table) }

    /// The digest and the counts of a table's entries on this node, for each partition, in the form that members send
    /// one another.
    package func sums(_ table: TableID) -> [PartitionSums] {
        summary(of: table).partitions.map {
            PartitionSums(hash: $0.digest, live: $0.live, tombstones: $0.tombstones, bytes: $0.bytes)
        }
    }

    package var gauges: StoreGauges {
        var gauges = sharedGauges.current
        gauges.queuedBytes = commands.weight
        gauges.maximumQueueBytes = maximumQueueBytes
        return gauges
    }

    /// Whether the commit queue is more than three quarters full.
    package var isOverloaded: Bool { commands.weight > maximumQueueBytes / 4 * 3 }

    /// Commits what is queued, calls the completions, and closes the database. Blocks meanwhile.
    package func close() {
        precondition(isOpen, "a store was closed twice")
        isOpen = false
        commands.close()
        thread.join()
        engine.close()
        deliverCompletions()
        precondition(completions.isEmpty, "the commit thread left a command unanswered")
    }

    /// Raises the highest clock to `clock`. The node creates later versions above the highest clock, unless that
    /// clock is ahead of the wall clock by more than the allowed skew.
    func raiseHighestClock(to clock: HybridTimestamp) { highestClock = max(highestClock, clock) }

    func post(_ command: CommitCommand, _ completion: @escaping (WriteResult) -> Void) {
        if commands.post(command, weight: command.weightBytes) {
            completions.append(completion)
        } else {
            refused.append((isOpen ? .queueFull : .closing, completion))
            wake()
        }
    }
}

// Processing outcomes.
extension Store {
    /// Processes the results of all batches that the commit thread has committed since the last call: updates the
    /// properties of the store, calls its observers, then calls the completion handlers of the writes in the order of
    /// submission.
    package func deliverCompletions() {
        let outcomes = outcomes.takeAll()
        let refused = refused
        self.refused.removeAll()
        let answered = outcomes.reduce(0) { $0 + $1.results.count }
        precondition(answered <= completions.count, "the commit thread returned more results than were asked for")
        let ready = Array(completions.prefix(answered))
        completions.removeFirst(answered)
        for outcome in outcomes { apply(outcome) }
        if let state = outcomes.last(where: { $0.state != nil })?.state {
            self.state = state
            onStateChange?(state)
        }
        for case let report? in outcomes.map(\.report) { commitObserver?(report) }
        complete(ready, outcomes)
        for (refusal, completion) in refused { completion(.refused(refusal)) }
    }

    private func apply(_ outcome: CommitOutcome) {
        if let sequence = outcome.durableSequence { durableSequence = sequence }
        if let reopened = outcome.reopened {
            tables = reopened.tables
            meta = reopened.meta
            storeID = meta.storeID ?? storeID
        }
        meta.merge(outcome.changes)
        storeID = outcome.changes.storeID ?? storeID
    }

    private func complete(_ completions: [(WriteResult) -> Void], _ outcomes: [CommitOutcome]) {
        var next = 0
        for outcome in outcomes {
            lastCommit = outcome.report
            for result in outcome.results {
                completions[next](result)
                next += 1
            }
        }
        lastCommit = nil
    }
}

extension Database {
    fileprivate func peek(_ address: ItemAddress) throws(StoreError) -> MemoryLookup {
        let row = RowKey.item(address.table, address.key.bytes)
        do throws(PeekFailure) {
            let item = try get(.items, row, tier: .memory, failed: PeekFailure.init) {
                (record: Span<UInt8>) throws(PeekFailure) in
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

private enum PeekFailure: Error {
    /// The read needs a block from the disk, but was allowed to use memory only.
    case incomplete
    case failed(StoreError)

    init(_ failure: RocksFailure) {
        self = failure.isIncomplete ? .incomplete : .failed(StoreError(failure))
    }
}
