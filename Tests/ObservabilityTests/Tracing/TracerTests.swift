@testable import Observability
import Testing

@Suite struct TracerTests {
    /// A tracer with a clock that the test sets.
    private final class Run {
        var nanoseconds: UInt64 = 5_000_000_000
        var ended: [SpanRecord] = []
        private(set) lazy var tracer = make()
        private let perSecond: Int
        private let limits: SpanLimits

        init(perSecond: Int = 0, limits: SpanLimits = SpanLimits()) {
            self.perSecond = perSecond
            self.limits = limits
        }

        private func make() -> Tracer {
            var source = SystemRandomNumberGenerator()
            let tracer = Tracer(
                sampler: .standard, rateLimit: TraceRateLimit(perSecond: perSecond), limits: limits,
                random: IdentifierGenerator(seededBy: &source),
                monotonicNanoseconds: { [unowned self] in nanoseconds },
                wallNanoseconds: { [unowned self] in nanoseconds + 1_000 })
            tracer.onEnd = { [unowned self] in ended.append($0) }
            return tracer
        }

        func enter() -> ActiveSpan? {
            tracer.enter(
                TraceContext(traceID: SpanSamples.trace, parent: nil, flags: []), "a", .server,
                startNanoseconds: nanoseconds)
        }
    }

    private struct Source: SpanAttributeSource {
        var byteCount: Int { 10_000 }
        func belongs(toRequest requestID: [UInt8]) -> Bool { requestID == Array("demo".utf8) }
        func forEachAttribute(_ body: (String, SpanAttribute.Value) -> Void) {
            body("a", .text("Grüße"))
            body("b", .bytes([1, 2, 3]))
            body("c", .integer(5))
        }
    }

    @Test("While the export queue is full, a hundred new traces per second are recorded and the others are counted")
    func exportQueueFull() {
        let run = Run()
        var hasRoom = false
        run.tracer.exportQueueHasRoom = { hasRoom }
        let recorded = (0..<250).compactMap { _ in run.enter() }
        #expect(recorded.count == 100)
        #expect(run.tracer.counts.sampled == 100 && run.tracer.counts.exportQueueFull == 150)
        run.nanoseconds += 1_000_000_000
        #expect(run.enter() != nil)
        hasRoom = true
        #expect((0..<250).allSatisfy { _ in run.enter() != nil })
        #expect(run.tracer.counts.exportQueueFull == 150 && run.tracer.counts.capped == 0)
    }

    @Test("A trace over the rate limit does not count as rejected by a full export queue")
    func capped() {
        let run = Run(perSecond: 10)
        run.tracer.exportQueueHasRoom = { false }
        #expect((0..<30).compactMap { _ in run.enter() }.count == 10)
        #expect(run.tracer.counts.capped == 20 && run.tracer.counts.exportQueueFull == 0)
    }

    @Test("A span has the attributes of its source and those that were set, within the limits")
    func attributes() throws {
        var limits = SpanLimits()
        limits.attributes = 4
        limits.attributeValueBytes = 2
        let run = Run(limits: limits)
        let span = try #require(run.enter())
        span.attach(Source())
        span.set("d", .flag(true))
        span.set("e", .flag(true))
        run.nanoseconds += 10
        run.tracer.end(span)
        let record = try #require(run.ended.first)
        #expect(record.attributes == [
            SpanAttribute("a", .text("Gr")), SpanAttribute("b", .bytes([1, 2])), SpanAttribute("c", .integer(5)),
            SpanAttribute("d", .flag(true)),
        ])
        #expect(record.forEachAttribute { _, _ in } == 1)
        #expect(record.byteCount > 10_000)
        #expect(record.endNanoseconds - record.startNanoseconds == 10)
    }

    @Test("The spans of a request are found through their attribute sources")
    func bySource() throws {
        let run = Run()
        let span = try #require(run.enter())
        span.attach(Source())
        run.tracer.end(span)
        var recent = RecentSpans()
        run.ended.forEach { recent.append($0) }
        #expect(recent.spans(ofRequest: Array("demo".utf8), limit: 5).spans.count == 1)
        #expect(recent.spans(ofRequest: Array("other".utf8), limit: 5).spans.isEmpty)
    }
}
