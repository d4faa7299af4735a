internal import Base
internal import Cluster

/// The parts of a store, created in order when it is opened: identity, loaded state, commit thread.
struct OpenedStore {
    let identity: StoreIdentity
    let loaded: LoadedState
    let durableSequence: UInt64
    let shared: Committer.Dependencies
    let thread: WorkerThread

    init(
        _ engine: Engine, nodeID: NodeID, options: StoreOptions, wake: @escaping @Sendable () -> Void
    ) throws(StoreOpenError) {
        guard let database = engine.commitThreadDatabase else { preconditionFailure("a new engine has no database") }
        identity = try StoreIdentity.loadOrCreate(
            database, directory: engine.directory, nodeID: nodeID, partitions: options.partitions)
        loaded = try LoadedState(reading: database, directory: engine.directory, partitions: options.partitions)
        durableSequence = database.sequence
        let meta = MetaReader(database: database, directory: engine.directory)
        let uptime = CumulativeUptime(earlierMilliseconds: try meta.number(MetaRow.uptime) ?? 0)
        shared = Committer.Dependencies(
            engine: engine, commands: Mailbox(capacity: options.maximumQueueBytes),
            outcomes: CommitOutcomeMailbox(wake: wake), leaves: SharedLeaves(loaded.leaves), gauges: SharedGauges(),
            uptime: uptime, options: options)
        let committer = Committer(shared, loaded: loaded)
        guard let thread = WorkerThread({ committer.run() }) else {
            throw .inputOutput(directory: engine.directory, why: "the system could not start a thread")
        }
        self.thread = thread
    }
}
