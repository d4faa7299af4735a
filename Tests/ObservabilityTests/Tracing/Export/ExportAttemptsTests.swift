@testable import Observability
import Testing

@Suite struct ExportAttemptsTests {
    private static let now: UInt64 = 1_000_000

    /// The first answer of a batch that has thirty seconds.
    private static func verdict(_ outcome: ExportAttempts.Outcome) -> ExportAttempts.Verdict {
        var attempts = ExportAttempts(deadlineMilliseconds: now + 30_000)
        return attempts.judge(outcome, nowMilliseconds: now, jitter: 0.5)
    }

    private static func answer(_ status: Int, after wish: UInt64? = nil) -> ExportAttempts.Outcome {
        .answered(status: status, retryAfterMilliseconds: wish)
    }

    static let cases: [(ExportAttempts.Outcome, ExportAttempts.Verdict)] = [
        (answer(200), .done), (answer(202), .done), (answer(204), .done),
        // Later
        (answer(429), .retry(afterMilliseconds: 1_000)), (answer(502), .retry(afterMilliseconds: 1_000)),
        (answer(503), .retry(afterMilliseconds: 1_000)), (answer(504), .retry(afterMilliseconds: 1_000)),
        (.unanswered, .retry(afterMilliseconds: 1_000)),
        // As the collector wishes
        (answer(429, after: 7_000), .retry(afterMilliseconds: 7_000)),
        // Never at once, again and again
        (answer(503, after: 0), .retry(afterMilliseconds: 1_000)),
        (answer(503, after: 999), .retry(afterMilliseconds: 1_000)),
        (answer(503, after: 29_999), .retry(afterMilliseconds: 29_999)),
        // Beyond the batch's time
        (answer(503, after: 30_000), .giveUp(restMilliseconds: 30_000)),
        (answer(429, after: 86_400_000), .giveUp(restMilliseconds: 300_000)),
        (answer(429, after: .max), .giveUp(restMilliseconds: 300_000)),
        // Never
        (answer(100), .giveUp(restMilliseconds: 0)), (answer(301), .giveUp(restMilliseconds: 0)),
        (answer(400), .giveUp(restMilliseconds: 0)), (answer(401), .giveUp(restMilliseconds: 0)),
        (answer(404), .giveUp(restMilliseconds: 0)), (answer(408), .giveUp(restMilliseconds: 0)),
        (answer(413), .giveUp(restMilliseconds: 0)), (answer(500), .giveUp(restMilliseconds: 0)),
        (answer(500, after: 1_000), .giveUp(restMilliseconds: 0)), (answer(501), .giveUp(restMilliseconds: 0)),
        (answer(505), .giveUp(restMilliseconds: 0)),
        (.unusable, .giveUp(restMilliseconds: 5_000)),
    ]

    @Test("Each outcome has one consequence", arguments: cases)
    func table(outcome: ExportAttempts.Outcome, expected: ExportAttempts.Verdict) {
        #expect(Self.verdict(outcome) == expected)
    }

    @Test("Waits grow by half up to five seconds, until the batch's time is over")
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

    @Test("Chance makes a wait up to a fifth shorter or longer", arguments: [(0.0, 800), (0.5, 1_000), (1.0, 1_200)])
    func jitter(chance: Double, expected: UInt64) {
        var attempts = ExportAttempts(deadlineMilliseconds: 30_000)
        let verdict = attempts.judge(.unanswered, nowMilliseconds: 0, jitter: chance)
        #expect(verdict == .retry(afterMilliseconds: expected))
    }

    @Test("A wish of the collector's leaves our own waits as they were")
    func wishes() {
        var attempts = ExportAttempts(deadlineMilliseconds: 30_000)
        _ = attempts.judge(Self.answer(429, after: 2_000), nowMilliseconds: 0, jitter: 0.5)
        let verdict = attempts.judge(Self.answer(503), nowMilliseconds: 0, jitter: 0.5)
        #expect(verdict == .retry(afterMilliseconds: 1_000))
    }
}
