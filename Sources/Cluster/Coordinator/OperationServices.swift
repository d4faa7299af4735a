/// The services of one node that its operations share. Built once, when the node becomes an active member. Bound to the
/// loop.
final class OperationServices {
    let roster: any Roster
    let calls: any PeerCalls
    let scheduler: OperationScheduler
    let stamper: VersionStamper
    let handoff: HintedHandoff
    let observer: any ClusterObserver
    let tracer: any ClusterTracer
    let clock: any TimeSource
    let store: any ReplicaStore
    /// The tables that this node knows.
    let tables: DurableCatalog
    let replicaTimeoutMilliseconds: UInt64
    let readRepair: ReadRepair

    init(
        roster: any Roster, calls: any PeerCalls, scheduler: OperationScheduler, handoff: HintedHandoff,
        dependencies: MemberDependencies
    ) {
        self.roster = roster
        self.calls = calls
        self.scheduler = scheduler
        self.handoff = handoff
        stamper = VersionStamper(dependencies)
        observer = dependencies.observer
        readRepair = ReadRepair(observer: dependencies.observer)
        tracer = dependencies.tracer
        clock = dependencies.clock
        store = dependencies.store
        tables = dependencies.tables
        replicaTimeoutMilliseconds = dependencies.settings.replicaTimeoutMilliseconds
    }

    var nowNanoseconds: UInt64 { clock.monotonicNanoseconds }
}
