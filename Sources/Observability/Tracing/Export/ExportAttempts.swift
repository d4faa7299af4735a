/// Decides after each attempt to send a batch what to do with it, by the rules of OTLP: some responses mean "try again
/// later", all others that the collector will never accept this batch. When a batch is given up, exports pause before
/// the next batch.
package struct ExportAttempts: Sendable {
    package enum Outcome: Equatable, Sendable {
        case answered(status: Int, retryAfterMilliseconds: UInt64?)
        /// The connection failed, or it closed before a response.
        case unanswered
        /// The attempt timed out, or the response was too long or not HTTP. The collector may have accepted the batch.
        case unusable
    }

    package enum Verdict: Equatable, Sendable {
        case done
        case retry(afterMilliseconds: UInt64)
        /// Drop the batch and send nothing for this time.
        case giveUp(pauseMilliseconds: UInt64)
    }

    /// The backoff before the first retry. Each further backoff is half as long again, up to the longest.
    static let firstBackoffMilliseconds = 1_000.0
    static let backoffGrowth = 1.5
    static let longestBackoffMilliseconds = 5_000.0
    /// A backoff is up to a fifth shorter or longer, so that the nodes do not all retry at the same time.
    static let jitterShare = 0.2
    /// The longest pause that a collector can cause with `Retry-After`.
    static let longestPauseMilliseconds: UInt64 = 300_000

    /// The time by which the batch must be sent.
    package let deadlineMilliseconds: UInt64
    private var backoffMilliseconds = firstBackoffMilliseconds

    package init(deadlineMilliseconds: UInt64) {
        self.deadlineMilliseconds = deadlineMilliseconds
    }

    /// `jitter` is any number from 0 to 1.
    package mutating func judge(_ outcome: Outcome, nowMilliseconds now: UInt64, jitter: Double) -> Verdict {
        switch outcome {
        case .answered(let status, _) where 200..<300 ~= status: return .done
        case .answered(429, let wait), .answered(502, let wait), .answered(503, let wait), .answered(504, let wait):
            // A Retry-After of zero, or in the past, is ignored: it would make the retries endless.
            if let wait, wait >= UInt64(Self.firstBackoffMilliseconds) { return retry(afterMilliseconds: wait, now) }
            return retry(afterMilliseconds: nextBackoff(jitter), now)
        case .unanswered: return retry(afterMilliseconds: nextBackoff(jitter), now)
        case .answered: return .giveUp(pauseMilliseconds: 0)
        case .unusable: return .giveUp(pauseMilliseconds: UInt64(Self.longestBackoffMilliseconds))
        }
    }

    private func retry(afterMilliseconds wait: UInt64, _ now: UInt64) -> Verdict {
        let (moment, overflows) = now.addingReportingOverflow(wait)
        guard !overflows, moment < deadlineMilliseconds else {
            return .giveUp(pauseMilliseconds: min(wait, Self.longestPauseMilliseconds))
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
