@testable import Observability
import Testing

@Suite struct SamplerTests {
    private static func trace(parent: UInt64?, _ flags: TraceFlags, low: UInt64 = 1) -> TraceContext {
        TraceContext(traceID: SpanSamples.id(1, low), parent: parent.map { SpanSamples.span($0) }, flags: flags)
    }

    @Test("A parent-based sampler follows the caller; without a parent its own rule decides")
    func parents() {
        let sampled = Self.trace(parent: 1, .sampled)
        let unsampled = Self.trace(parent: 1, [])
        let root = Self.trace(parent: nil, [])
        let standard = Sampler.standard
        #expect(standard.samples(sampled) && !standard.samples(unsampled) && standard.samples(root))
        let never = Sampler(root: .never, followsParent: true)
        #expect(never.samples(sampled) && !never.samples(unsampled) && !never.samples(root))
        #expect(!Sampler(root: .never, followsParent: false).samples(sampled))
        #expect(Sampler(root: .always, followsParent: false).samples(unsampled))
    }

    @Test("A ratio sampler samples its share of trace ids, and always the same ones", arguments: [0.0, 0.1, 0.5, 1.0])
    func ratio(share: Double) {
        var source = SystemRandomNumberGenerator()
        var random = IdentifierGenerator(seededBy: &source)
        let sampler = Sampler(root: .ratio(share), followsParent: false)
        let traces = (0..<20_000).map { _ in TraceContext(using: &random) }
        let taken = traces.filter { sampler.samples($0) }
        #expect(abs(Double(taken.count) / 20_000 - share) < 0.02)
        #expect(taken.allSatisfy { sampler.samples($0) })
    }

    @Test("The rate limit applies to each second, and 0 means no limit")
    func rateLimit() {
        var limit = TraceRateLimit(perSecond: 3)
        let second: UInt64 = 1_000_000_000
        let verdicts = (0..<5).map { limit.admits(atNanoseconds: 10 * second + $0) }
        #expect(verdicts == [true, true, true, false, false])
        let next = limit.admits(atNanoseconds: 11 * second)
        #expect(next)
        var none = TraceRateLimit(perSecond: 0)
        let all = (0..<1_000).allSatisfy { _ in none.admits(atNanoseconds: 0) }
        #expect(all)
    }
}
