internal import Base
internal import Cluster

/// Everything that the opening of a store brings into being, in order: identity, memory, commit thread.
struct OpenedStore {
    let identity: Identity
    let memory: Memory
    let sequence: UInt64
    let mailbox: Mailbox<CommitCommand>
    let outbox: Outbox
    let leaves: SharedLeaves
    let gauges = SharedGauges()
    let thread: WorkerThread

    init(
        _ engine: Engine, nodeID: String, options: StoreOptions, wake: @escaping @Sendable () -> Void
    ) throws(StoreOpenError) {
        guard let database = engine.owned else { preconditionFailure("a new engine has no database") }
        identity = try Identity.establish(
            database, directory: engine.directory, nodeID: nodeID, partitions: options.partitions)
        memory = try Memory(reading: database, directory: engine.directory, partitions: options.partitions)
        sequence = database.sequence
        mailbox = Mailbox(capacity: options.maximumQueueBytes)
        outbox = Outbox(wake: wake)
        leaves = SharedLeaves(memory.leaves)
        let (mailbox, outbox, leaves, gauges) = (mailbox, outbox, leaves, gauges)
        // The thread keeps what it was given for as long as it runs: not the leaves, which would stay a second time.
        let (catalog, highestClock, journal) = (memory.catalog, memory.highestClock, memory.journal)
        // Made on the thread that it belongs to, so that nothing of it is ever on two.
        let thread = WorkerThread {
            Committer(
                engine: engine, mailbox: mailbox, outbox: outbox, leaves: leaves, gauges: gauges, options: options,
                catalog: Catalog(catalog), highestClock: highestClock, journal: journal
            ).run()
        }
        guard let thread else {
            throw .inputOutput(directory: engine.directory, why: "there is no thread to be had")
        }
        self.thread = thread
    }
}
