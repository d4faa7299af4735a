/// The rule by which this node judges from the responses to its messages whether a member is alive. A member is suspect
/// after the failure timeout without a response, and dead after twice the timeout. Only a response makes it alive
/// again: a message from the member proves only that the other direction works. Times are monotonic milliseconds.
struct FailureDetector {
    let timeoutMilliseconds: UInt64
    /// The time of the last tick of the failure detector.
    private(set) var now: UInt64
    private var startedAt: UInt64

    init(timeoutMilliseconds: UInt64, nowMilliseconds: UInt64) {
        self.timeoutMilliseconds = timeoutMilliseconds
        now = nowMilliseconds
        startedAt = nowMilliseconds
    }

    /// Advances the time and returns by how much to extend the timeouts of all members, in milliseconds. That is zero,
    /// unless this process was paused: it could not receive responses then.
    mutating func advance(toMilliseconds time: UInt64) -> UInt64 {
        let pause = time.subtractingToZero(now)
        now = time
        guard pause >= timeoutMilliseconds / 2 else { return 0 }
        startedAt += pause
        return pause
    }

    /// The state of a member that was in `state` and has been silent since `lastResponse`.
    func state(after state: MemberState, lastResponseMilliseconds lastResponse: UInt64) -> MemberState {
        let silent = now.subtractingToZero(lastResponse)
        if silent >= 2 * timeoutMilliseconds { return .dead }
        return silent >= timeoutMilliseconds && state == .alive ? .suspect : state
    }

    /// Whether a member that never responded would be dead by now.
    var hasWaitedForAll: Bool { now - startedAt >= 2 * timeoutMilliseconds }
}
