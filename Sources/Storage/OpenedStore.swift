internal import Base
internal import Cluster

/// Everything that the opening of a store brings into being, in order: identity, memory, commit thread.
struct OpenedStore {
    let identity: Identity
    let ledger: LoadedState.CommitState
    let sequence: UInt64
    let mailbox: Mailbox<CommitCommand>
    let outbox: Outbox
    let leaves: SharedLeaves
    let gauges = SharedGauges()
    let uptime: Uptime
    let thread: WorkerThread

    init(
        _ engine: Engine, nodeID: String, options: StoreOptions, wake: @escaping @Sendable () -> Void
    ) throws(StoreOpenError) {
        guard let database = engine.owned else { preconditionFailure("a new engine has no database") }
        identity = try Identity.establish(
            database, directory: engine.directory, nodeID: nodeID, partitions: options.partitions)
        let memory = try LoadedState(reading: database, directory: engine.directory, partitions: options.partitions)
        sequence = database.sequence
        let meta = MetaReader(database: database, directory: engine.directory)
        uptime = Uptime(before: try meta.number(MetaRow.uptime) ?? 0)
        mailbox = Mailbox(capacity: options.maximumQueueBytes)
        outbox = Outbox(wake: wake)
        leaves = SharedLeaves(memory.leaves)
        ledger = memory.ledger
        let (mailbox, outbox, leaves, gauges) = (mailbox, outbox, leaves, gauges)
        // The thread keeps what it was given for as long as it runs: not the leaves, which would stay a second time.
        let (uptime, ledger) = (uptime, ledger)
        // Made on the thread that it belongs to, so that nothing of it is ever on two.
        let thread = WorkerThread {
            Committer(
                engine: engine, mailbox: mailbox, outbox: outbox, leaves: leaves, gauges: gauges, options: options,
                uptime: uptime, ledger: ledger
            ).run()
        }
        guard let thread else {
            throw .inputOutput(directory: engine.directory, why: "there is no thread to be had")
        }
        self.thread = thread
    }
}
