/// All links of one node, and what they share: the transport, the envelope, and the list of those that have something
/// to send when the turn ends.
final class PeerHub {
    private let transport: any PeerTransport
    private let clock: any TimeSource
    /// Holds this hub.
    private unowned let view: any PeerView
    private let postpone: (@escaping () -> Void) -> Void
    private var links: [PeerLink] = []
    private var listed: [PeerLink] = []

    init(
        transport: any PeerTransport, clock: any TimeSource, view: any PeerView,
        postpone: @escaping (@escaping () -> Void) -> Void
    ) {
        self.transport = transport
        self.clock = clock
        self.view = view
        self.postpone = postpone
        links = view.record.members.indices.map { PeerLink(self, member: $0) }
    }

    subscript(member: Int) -> PeerLink { links[member] }

    var nowMilliseconds: UInt64 { clock.monotonicMilliseconds }

    var waitingBytes: Int { links.reduce(0) { $0 + $1.waitingBytes } }

    func enqueue(_ work: @escaping () -> Void) { postpone(work) }

    /// Its lanes are looked at when the turn ends.
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

    func send(
        _ calls: [PeerCall], to member: Int, over lane: PeerLane, timeoutMilliseconds: UInt64,
        completion: @escaping (Result<[PeerAnswer], PeerFailure>) -> Void
    ) {
        guard let address = view.address(of: member) else {
            return enqueue { completion(.failure(.unreachable("its address is not known yet"))) }
        }
        let message = CallBatch(view.envelope(to: member), calls: calls).encoded
        transport.send(message, over: lane, to: address, timeoutMilliseconds: timeoutMilliseconds) { [self] result in
            let answers = result.flatMap { judge($0, of: member, count: calls.count) }
            switch answers {
            case .success: view.answered(member)
            case .failure(let failure): view.failed(member, failure)
            }
            completion(answers)
        }
    }

    private func judge(_ bytes: [UInt8], of member: Int, count: Int) -> Result<[PeerAnswer], PeerFailure> {
        do throws(WireError) {
            let batch = try AnswerBatch(decoding: bytes)
            guard view.accepts(batch.envelope, from: member) else {
                return .failure(.broken("the answer is of another node or cluster"))
            }
            guard batch.answers.count == count else {
                return .failure(.broken("\(count) calls were given \(batch.answers.count) answers"))
            }
            return .success(batch.answers)
        } catch {
            return .failure(.broken("\(error)"))
        }
    }
}

/// What the links need to know of the members.
protocol PeerView: AnyObject {
    var record: ClusterRecord { get }
    func address(of member: Int) -> String?
    func envelope(to member: Int) -> Envelope
    func accepts(_ envelope: Envelope, from member: Int) -> Bool
    /// A batch came back.
    func answered(_ member: Int)
    /// A batch did not come back.
    func failed(_ member: Int, _ failure: PeerFailure)
}
