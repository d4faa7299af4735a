/// The links of one node to all its peers, and the list of those that have calls to send at the end of the loop
/// iteration.
final class PeerLinks {
    let roster: MemberRoster
    let transport: any PeerTransport
    private let clock: any TimeSource
    private let scheduler: OperationScheduler
    private var links: [PeerLink] = []
    private var listed: [PeerLink] = []

    init(roster: MemberRoster, scheduler: OperationScheduler, dependencies: MemberDependencies) {
        self.roster = roster
        self.scheduler = scheduler
        transport = dependencies.transport
        clock = dependencies.clock
        links = roster.record.memberIndexes.map { PeerLink(self, member: $0) }
    }

    subscript(member: MemberIndex) -> PeerLink { links[member] }

    var nowMilliseconds: UInt64 { clock.monotonicMilliseconds }

    /// The number of bytes in the queues of calls to all peers.
    var waitingBytes: Int { links.reduce(0) { $0 + $1.waitingBytes } }

    func enqueue(_ work: @escaping () -> Void) { scheduler.enqueue(work) }

    /// Marks the link to a peer as having calls to send. At the end of the loop iteration `flush` sends them.
    func list(_ link: PeerLink) {
        if !listed.contains(where: { $0 === link }) { listed.append(link) }
    }

    func flush() {
        guard !listed.isEmpty else { return }
        let links = listed
        listed.removeAll(keepingCapacity: true)
        for link in links { link.flush() }
    }

    func expireWaiting() {
        for link in links { link.expireWaiting() }
    }
}
