// How long other members take to say what they hold, and whether they do: of writes `SentWrite` tells the same.

extension Coordinator {
    /// Of the clock that durations are measured on.
    var nowNanoseconds: UInt64 { clock.monotonicNanoseconds }

    /// Tells of the answer before `completion` has it, if it is another member that was asked to read.
    func observing(
        _ operation: PeerCall.Operation, of member: MemberIndex,
        _ completion: @escaping (Result<PeerAnswer, PeerFailure>) -> Void
    ) -> (Result<PeerAnswer, PeerFailure>) -> Void {
        guard operation.readsOneKey, member != calls.selfIndex else { return completion }
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
