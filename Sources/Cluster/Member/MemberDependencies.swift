/// What a member is made of that comes from outside it.
struct MemberDependencies {
    let settings: MemberSettings
    let store: any ReplicaStore
    let transport: any PeerTransport
    let clock: any TimeSource
    let random: AnyRandom
    let observer: any ClusterObserver
    let tracer: any ClusterTracer
    let tables: DurableCatalog
}
