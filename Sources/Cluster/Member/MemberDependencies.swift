/// Everything that a node's cluster code gets from outside: its settings, its disk, the network, time and chance, and
/// the observers of what it does. A simulation can provide all of them.
package struct MemberDependencies {
    package let settings: MemberSettings
    package let store: any ReplicaStore
    package let transport: any PeerTransport
    package let clock: any TimeSource
    package let random: AnyRandom
    package let observer: any ClusterObserver
    package let tracer: any ClusterTracer
    /// The catalog of tables in `store`.
    let tables: DurableCatalog

    /// `tables` are the states of all tables that `store` holds.
    package init(
        _ settings: MemberSettings, store: any ReplicaStore, tables: [TableState], transport: any PeerTransport,
        clock: any TimeSource, random: some RandomNumberGenerator, observer: any ClusterObserver,
        tracer: any ClusterTracer = NoTracer()
    ) {
        self.settings = settings
        self.store = store
        self.transport = transport
        self.clock = clock
        self.random = AnyRandom(random)
        self.observer = observer
        self.tracer = tracer
        self.tables = DurableCatalog(tables, store: store, observer: observer)
    }
}
