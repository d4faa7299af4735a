@testable import Observability
import Testing

@Suite struct OpenSpansTests {
    private static func span(_ id: UInt64) -> ActiveSpan {
        ActiveSpan(SpanSamples.record(span: id), wallOffset: 0)
    }

    private struct Counter: RandomNumberGenerator {
        var value: UInt64

        mutating func next() -> UInt64 {
            value &*= 6_364_136_223_846_793_005
            value &+= 1_442_695_040_888_963_407
            return value
        }
    }

    @Test("A span is found from its insertion to its removal, whatever happens between", arguments: 1...20)
    func likeADictionary(seed: Int) {
        var source = Counter(value: UInt64(seed))
        var random = IdentifierGenerator(seededBy: &source)
        var open = OpenSpans()
        var expected: [UInt64: ActiveSpan] = [:]
        for round in 0..<4_000 {
            // The span ids have few different low bits, so that many have the same hash; random high bits make them
            // distinct.
            let id = random.next() & 0xFF00_0000_0000_001F | 0x20
            let grows = round % 2_000 < 1_000
            if expected[id] == nil, grows || round % 3 == 0 {
                let span = Self.span(id)
                open.insert(span)
                expected[id] = span
            } else {
                open.remove(SpanSamples.span(id))
                expected[id] = nil
            }
            #expect(open.count == expected.count)
            if round % 50 == 0 {
                for (id, span) in expected { #expect(open[SpanSamples.span(id)] === span) }
                #expect((1...0x1F).allSatisfy { open[SpanSamples.span($0)] == nil })
            }
        }
    }

    @Test("The table grows with the number of open spans")
    func growing() {
        var open = OpenSpans()
        for id in 1...1_000 as ClosedRange<UInt64> { open.insert(Self.span(id << 32)) }
        #expect(open.count == 1_000)
        #expect((1...1_000).allSatisfy { open[SpanSamples.span($0 << 32)]?.spanID.rawValue == $0 << 32 })
        for id in 1...1_000 as ClosedRange<UInt64> { open.remove(SpanSamples.span(id << 32)) }
        #expect(open.count == 0)
    }
}
