@testable import Observability
import Testing

@Suite struct SamplerTests {
    private static func trace(parent: UInt64?, _ flags: TraceFlags, low: UInt64 = 1) -> TraceContext {
        TraceContext(traceID: SpanSamples.id(1, low), parent: parent.map { SpanSamples.span($0) }, flags: flags)
    }

    @Test("A caller's decision counts where it is to be followed, and ours where there is none")
    func parents() {
        let asks = Self.trace(parent: 1, .sampled)
        let declines = Self.trace(parent: 1, [])
        let root = Self.trace(parent: nil, [])
        #expect(Sampler.standard.samples(asks) && !Sampler.standard.samples(declines) && Sampler.standard.samples(root))
        let never = Sampler(root: .never, followsParent: true)
        #expect(never.samples(asks) && !never.samples(declines) && !never.samples(root))
        #expect(!Sampler(root: .never, followsParent: false).samples(asks))
        #expect(Sampler(root: .always, followsParent: false).samples(declines))
    }

    @Test("A ratio takes its share of trace ids, and the same ones every time", arguments: [0.0, 0.1, 0.5, 1.0])
    func ratio(share: Double) {
        var source = SystemRandomNumberGenerator()
        var random = IdentifierGenerator(seededBy: &source)
        let sampler = Sampler(root: .ratio(share), followsParent: false)
        let traces = (0..<20_000).map { _ in TraceContext(using: &random) }
        let taken = traces.filter { sampler.samples($0) }
        #expect(abs(Double(taken.count) / 20_000 - share) < 0.02)
        #expect(taken.allSatisfy { sampler.samples($0) })
    }

    @Test("A second has so many traces, and the next one as many again; nought lifts the limit")
    func cap() {
        var cap = SampleCap(perSecond: 3)
        let second: UInt64 = 1_000_000_000
        let verdicts = (0..<5).map { cap.admits(atNanoseconds: 10 * second + $0) }
        #expect(verdicts == [true, true, true, false, false])
        let next = cap.admits(atNanoseconds: 11 * second)
        #expect(next)
        var none = SampleCap(perSecond: 0)
        let all = (0..<1_000).allSatisfy { _ in none.admits(atNanoseconds: 0) }
        #expect(all)
    }
}
