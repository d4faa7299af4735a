/// What is to become of one batch after each try to send it, by OTLP's rules: some answers mean "later", all others
/// that this batch will never be taken. Asking again and again is left to the next batch, after a rest.
package struct ExportAttempts: Sendable {
    package enum Outcome: Equatable, Sendable {
        case answered(status: Int, retryAfterMilliseconds: UInt64?)
        /// No connection came about, or it ended before there was an answer.
        case unanswered
        /// Neither an answer nor a clear end: too late, too long, or not HTTP. The collector may have taken the batch.
        case unusable
    }

    package enum Verdict: Equatable, Sendable {
        case done
        case retry(afterMilliseconds: UInt64)
        /// The batch is lost. Nothing is to be sent for so long.
        case giveUp(restMilliseconds: UInt64)
    }

    /// The first wait; each one is half as long again as that before it, up to the longest.
    static let firstBackoffMilliseconds = 1_000.0
    static let backoffGrowth = 1.5
    static let longestBackoffMilliseconds = 5_000.0
    /// A wait is up to a fifth shorter or longer, so that nodes do not come all at once.
    static let jitterShare = 0.2
    /// No collector can silence us for longer.
    static let longestRestMilliseconds: UInt64 = 300_000

    /// By when the batch must be gone.
    package let deadlineMilliseconds: UInt64
    private var backoffMilliseconds = firstBackoffMilliseconds

    package init(deadlineMilliseconds: UInt64) {
        self.deadlineMilliseconds = deadlineMilliseconds
    }

    /// `jitter` is any number from 0 to 1.
    package mutating func judge(_ outcome: Outcome, nowMilliseconds now: UInt64, jitter: Double) -> Verdict {
        switch outcome {
        case .answered(let status, _) where 200..<300 ~= status: return .done
        case .answered(429, let wish), .answered(502, let wish), .answered(503, let wish), .answered(504, let wish):
            // At once, or at a moment that has passed, is no wish that can be granted: it would never end.
            if let wish, wish >= UInt64(Self.firstBackoffMilliseconds) { return retry(afterMilliseconds: wish, now) }
            return retry(afterMilliseconds: nextBackoff(jitter), now)
        case .unanswered: return retry(afterMilliseconds: nextBackoff(jitter), now)
        case .answered: return .giveUp(restMilliseconds: 0)
        case .unusable: return .giveUp(restMilliseconds: UInt64(Self.longestBackoffMilliseconds))
        }
    }

    private func retry(afterMilliseconds wait: UInt64, _ now: UInt64) -> Verdict {
        let (moment, overflows) = now.addingReportingOverflow(wait)
        guard !overflows, moment < deadlineMilliseconds else {
            return .giveUp(restMilliseconds: min(wait, Self.longestRestMilliseconds))
        }
        return .retry(afterMilliseconds: wait)
    }

    private mutating func nextBackoff(_ jitter: Double) -> UInt64 {
        let share = 1 + Self.jitterShare * (2 * jitter - 1)
        let wait = UInt64(backoffMilliseconds * share)
        backoffMilliseconds = min(backoffMilliseconds * Self.backoffGrowth, Self.longestBackoffMilliseconds)
        return wait
    }
}
