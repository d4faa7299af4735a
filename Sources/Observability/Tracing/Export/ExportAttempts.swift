/// Decides after each attempt to send a batch of spans what to do with the batch, by the rules of OTLP: after some
/// responses it is sent again later; after all others the collector will never accept it, and it is dropped. Exports
/// pause after a batch was dropped, unless a response of the collector refused that batch.
package struct ExportAttempts: Sendable {
    package enum Outcome: Equatable, Sendable {
        case answered(status: Int, retryAfterMilliseconds: UInt64?)
        /// The connection to the collector failed, or it closed before a response.
        case unanswered
        /// The attempt to send a batch timed out, or the response was too long or not HTTP. The collector may have
        /// accepted the batch.
        case unusable
    }

    package enum Verdict: Equatable, Sendable {
        case done
        case retry(afterMilliseconds: UInt64)
        /// The batch of spans must be dropped, and nothing exported for `pauseMilliseconds`.
        case giveUp(pauseMilliseconds: UInt64)
    }

    /// The backoff before the first retry. Each further backoff is 1.5 times as long, up to the longest backoff.
    static let firstBackoffMilliseconds = 1_000.0
    static let backoffGrowth = 1.5
    static let longestBackoffMilliseconds = 5_000.0
    /// Each backoff is made up to a fifth shorter or longer at random, so that the nodes do not all retry at the same
    /// time.
    static let jitterShare = 0.2
    /// The longest pause in milliseconds that a collector can cause with the header `Retry-After`.
    static let longestPauseMilliseconds: UInt64 = 300_000

    /// The time in milliseconds by which the batch must be sent. No attempt begins later.
    package let deadlineMilliseconds: UInt64
    private var backoffMilliseconds = firstBackoffMilliseconds

    package init(deadlineMilliseconds: UInt64) {
        self.deadlineMilliseconds = deadlineMilliseconds
    }

    /// Decides by the outcome of one attempt to send a batch of spans whether it is sent again, and when. `jitter` is a
    /// random number from 0 to 1 that varies the backoff.
    package mutating func judge(_ outcome: Outcome, nowMilliseconds now: UInt64, jitter: Double) -> Verdict {
        switch outcome {
        case .answered(let status, _) where 200..<300 ~= status: return .done
        case .answered(429, let wait), .answered(502, let wait), .answered(503, let wait), .answered(504, let wait):
            // A `Retry-After` below one second, as when its date is in the past, is ignored: retries would follow
            // without a pause.
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
