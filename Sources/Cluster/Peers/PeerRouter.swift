/// Routes each call to its member: to this node's own replica, or to the link of a peer.
final class PeerRouter: PeerCalls {
    let roster: any Roster
    private let replica: Replica
    private let links: PeerLinks
    private let scheduler: OperationScheduler
    private let tracer: any ClusterTracer

    init(
        roster: any Roster, replica: Replica, links: PeerLinks, scheduler: OperationScheduler,
        tracer: any ClusterTracer
    ) {
        self.roster = roster
        self.replica = replica
        self.links = links
        self.scheduler = scheduler
        self.tracer = tracer
    }

    func call(
        _ member: MemberIndex, _ operation: PeerCall.Operation, over lane: PeerLane, trace: RequestTrace,
        timeoutMilliseconds: UInt64, completion: @escaping (Result<PeerAnswer, PeerFailure>) -> Void
    ) {
        guard member != roster.selfIndex else {
            let call = PeerCall(
                operation, remainingMilliseconds: UInt32(clamping: timeoutMilliseconds), trace: trace)
            return scheduler.enqueue { [replica] in replica.answer(call, of: member) { completion(.success($0)) } }
        }
        guard trace.isRecorded else {
            return links[member].call(
                operation, over: lane, trace: trace, timeoutMilliseconds: timeoutMilliseconds,
                completion: completion)
        }
        let work = tracer.begin(.call(operation, member: member), parent: trace)
        links[member].call(
            operation, over: lane, trace: work, timeoutMilliseconds: timeoutMilliseconds
        ) { [tracer] answer in
            tracer.end(work, ClusterWorkEnd(answer))
            completion(answer)
        }
    }
}
