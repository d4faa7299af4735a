// Reports the latency and success of reads at other members to the observer. `SentWrite` reports the same of writes.

extension OperationServices {
    /// Returns a completion that calls `completion` and, if `operation` reads one key at another member, first reports
    /// the answer to the observer.
    func observing(
        _ operation: PeerCall.Operation, of member: MemberIndex,
        _ completion: @escaping (Result<PeerAnswer, PeerFailure>) -> Void
    ) -> (Result<PeerAnswer, PeerFailure>) -> Void {
        guard operation.readsOneKey, member != roster.selfIndex else { return completion }
        let began = nowNanoseconds
        return { [self] answer in
            observer.readRemotely(
                RemoteRead(target: member, succeeded: answer.isSuccess, nanoseconds: nowNanoseconds - began))
            completion(answer)
        }
    }
}

extension PeerCall.Operation {
    fileprivate var readsOneKey: Bool {
        switch self {
        case .get, .version: true
        default: false
        }
    }
}

extension Result<PeerAnswer, PeerFailure> {
    fileprivate var isSuccess: Bool {
        if case .success(let answer) = self { answer.isSuccess } else { false }
    }
}
