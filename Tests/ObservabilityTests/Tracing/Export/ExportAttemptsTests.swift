@testable import Observability
import Testing

@Suite struct ExportAttemptsTests {
    private static let now: UInt64 = 1_000_000

    /// Judges the outcome of the first attempt to export a batch of spans that has a time limit of 30 seconds: done,
    /// retry or give up.
    private static func verdict(_ outcome: ExportAttempts.Outcome) -> ExportAttempts.Verdict {
        var attempts = ExportAttempts(deadlineMilliseconds: now + 30_000)
        return attempts.judge(outcome, nowMilliseconds: now, jitter: 0.5)
    }

    private static func answer(_ status: Int, after wait: UInt64? = nil) -> ExportAttempts.Outcome {
        .answered(status: status, retryAfterMilliseconds: wait)
    }

    static let cases: [(ExportAttempts.Outcome, ExportAttempts.Verdict)] = [
        (answer(200), .done), (answer(202), .done), (answer(204), .done),
        // The exporter sends the batch again after its own backoff
        (answer(429), .retry(afterMilliseconds: 1_000)), (answer(502), .retry(afterMilliseconds: 1_000)),
        (answer(503), .retry(afterMilliseconds: 1_000)), (answer(504), .retry(afterMilliseconds: 1_000)),
        (.unanswered, .retry(afterMilliseconds: 1_000)),
        // The exporter sends the batch again after the wait that the collector requests in Retry-After
        (answer(429, after: 7_000), .retry(afterMilliseconds: 7_000)),
        // A requested wait of less than a second is replaced by the exporter's backoff
        (answer(503, after: 0), .retry(afterMilliseconds: 1_000)),
        (answer(503, after: 999), .retry(afterMilliseconds: 1_000)),
        (answer(503, after: 29_999), .retry(afterMilliseconds: 29_999)),
        // The exporter gives the batch up, because the requested wait exceeds the time limit of the batch
        (answer(503, after: 30_000), .giveUp(pauseMilliseconds: 30_000)),
        (answer(429, after: 86_400_000), .giveUp(pauseMilliseconds: 300_000)),
        (answer(429, after: .max), .giveUp(pauseMilliseconds: 300_000)),
        // No retry
        (answer(100), .giveUp(pauseMilliseconds: 0)), (answer(301), .giveUp(pauseMilliseconds: 0)),
        (answer(400), .giveUp(pauseMilliseconds: 0)), (answer(401), .giveUp(pauseMilliseconds: 0)),
        (answer(404), .giveUp(pauseMilliseconds: 0)), (answer(408), .giveUp(pauseMilliseconds: 0)),
        (answer(413), .giveUp(pauseMilliseconds: 0)), (answer(500), .giveUp(pauseMilliseconds: 0)),
        (answer(500, after: 1_000), .giveUp(pauseMilliseconds: 0)), (answer(501), .giveUp(pauseMilliseconds: 0)),
        (answer(505), .giveUp(pauseMilliseconds: 0)),
        (.unusable, .giveUp(pauseMilliseconds: 5_000)),
    ]

    @Test("Each outcome has one verdict", arguments: cases)
    func table(outcome: ExportAttempts.Outcome, expected: ExportAttempts.Verdict) {
        #expect(Self.verdict(outcome) == expected)
    }

    @Test("The backoff grows by half up to five seconds, until the time limit of the batch")
    func backoff() {
        var attempts = ExportAttempts(deadlineMilliseconds: Self.now + 30_000)
        var now = Self.now
        var waits: [UInt64] = []
        while case .retry(let wait) = attempts.judge(.unanswered, nowMilliseconds: now, jitter: 0.5) {
            waits.append(wait)
            now += wait
        }
        #expect(waits == [1_000, 1_500, 2_250, 3_375, 5_000, 5_000, 5_000, 5_000])
        #expect(now < attempts.deadlineMilliseconds)
    }

    @Test("Jitter makes a backoff up to a fifth shorter or longer", arguments: [(0.0, 800), (0.5, 1_000), (1.0, 1_200)])
    func jitter(chance: Double, expected: UInt64) {
        var attempts = ExportAttempts(deadlineMilliseconds: 30_000)
        let verdict = attempts.judge(.unanswered, nowMilliseconds: 0, jitter: chance)
        #expect(verdict == .retry(afterMilliseconds: expected))
    }

    @Test("A requested wait does not change the backoff")
    func requestedWait() {
        var attempts = ExportAttempts(deadlineMilliseconds: 30_000)
        _ = attempts.judge(Self.answer(429, after: 2_000), nowMilliseconds: 0, jitter: 0.5)
        let verdict = attempts.judge(Self.answer(503), nowMilliseconds: 0, jitter: 0.5)
        #expect(verdict == .retry(afterMilliseconds: 1_000))
    }
}
