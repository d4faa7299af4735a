@testable import Observability
import Testing

@Suite struct SpanQueueTests {
    private static func batching(queue: Int, batch: Int) -> TracingSettings.Batching {
        var batching = TracingSettings.Batching()
        batching.queueSize = queue
        batching.batchSize = batch
        return batching
    }

    private static func span(_ number: UInt64, text: String = "") -> SpanRecord {
        SpanSamples.record(span: number, attributes: [SpanAttribute("text", .text(text))])
    }

    /// A span queue inside a class, because #expect cannot call mutating methods of a struct.
    private final class Queue {
        private var queue: SpanQueue

        init(_ batching: TracingSettings.Batching, maximumBytes: Int = 1 << 30) {
            queue = SpanQueue(batching, as: .protobuf, maximumBytes: maximumBytes)
        }

        var count: Int { queue.count }
        var capacity: Int { queue.capacity }
        var isEmpty: Bool { queue.isEmpty }
        var hasFullBatch: Bool { queue.hasFullBatch }

        func append(_ span: SpanRecord) -> Bool { queue.append(span) }
        /// Takes a batch from the span queue and returns the ids of its spans, decoded from its bytes. Gives the memory
        /// of the batch back to the queue.
        func take() -> [UInt64] {
            if queue.isEmpty { return [] }
            let batch = queue.takeBatch()
            let ids = Self.ids(batch.bytes)
            #expect(ids.count == batch.count)
            queue.reuse(batch)
            return ids
        }

        private static func ids(_ bytes: [UInt8]) -> [UInt64] {
            var ids: [UInt64] = []
            var spans = ProtobufReader(bytes[...])
            while case (2, .bytes(let span))? = spans.next() {
                var fields = ProtobufReader(span)
                while let (number, value) = fields.next() {
                    guard number == 2, case .bytes(let id) = value else { continue }
                    ids.append(id.reduce(0) { $0 << 8 | UInt64($1) })
                }
            }
            return ids
        }
    }

    @Test("Spans leave the queue in order, one batch at a time")
    func order() {
        let queue = Queue(Self.batching(queue: 8, batch: 3))
        for number: UInt64 in 1...7 { #expect(queue.append(Self.span(number))) }
        #expect(queue.take() == [1, 2, 3])
        #expect(queue.hasFullBatch)
        #expect(queue.take() == [4, 5, 6])
        #expect(!queue.hasFullBatch)
        #expect(queue.take() == [7])
        #expect(queue.take().isEmpty && queue.isEmpty)
    }

    @Test("A full queue refuses the new span and keeps the old ones")
    func full() {
        let queue = Queue(Self.batching(queue: 4, batch: 4))
        for number: UInt64 in 1...4 { #expect(queue.append(Self.span(number))) }
        #expect(!queue.append(Self.span(5)))
        #expect(queue.count == 4 && queue.capacity == 4)
        #expect(queue.take() == [1, 2, 3, 4])
        #expect(queue.append(Self.span(6)))
    }

    @Test("The queue can be filled and emptied repeatedly")
    func wrapping() {
        let queue = Queue(Self.batching(queue: 5, batch: 3))
        var (next, expected): (UInt64, UInt64) = (1, 1)
        for _ in 0..<40 {
            while queue.append(Self.span(next)) { next += 1 }
            for number in queue.take() {
                #expect(number == expected)
                expected += 1
            }
        }
        #expect(expected > 100)
    }

    @Test("Long spans reach the limit of bytes first, and free their bytes when they leave")
    func bytes() {
        let long = String(repeating: "x", count: 1_000)
        let queue = Queue(Self.batching(queue: 100, batch: 2), maximumBytes: 3_000)
        for number: UInt64 in 1...3 { #expect(queue.append(Self.span(number, text: long))) }
        #expect(!queue.append(Self.span(4, text: long)) && !queue.append(Self.span(5)))
        #expect(queue.take() == [1, 2])
        #expect(queue.append(Self.span(6, text: long)))
        #expect(queue.take() == [3, 6])
    }

    @Test("The queue has room for new traces until it is 75 % full, in spans or in bytes")
    func newTraces() {
        var queue = SpanQueue(Self.batching(queue: 8, batch: 8), as: .json)
        for number: UInt64 in 1...6 {
            #expect(queue.hasRoomForNewTraces && queue.append(Self.span(number)))
        }
        #expect(queue.hasRoomForNewTraces && queue.append(Self.span(7)))
        #expect(!queue.hasRoomForNewTraces)
        _ = queue.takeBatch()
        #expect(queue.hasRoomForNewTraces)
        var narrow = SpanQueue(Self.batching(queue: 8, batch: 8), as: .json, maximumBytes: 2_000)
        let taken = narrow.append(Self.span(1, text: String(repeating: "x", count: 1_900)))
        #expect(taken && !narrow.hasRoomForNewTraces)
    }
}

@Suite struct RecentSpansTests {
    private static func keep(_ spans: [SpanRecord], capacity: Int = 100, bytes: Int = 1 << 20) -> RecentSpans {
        var recent = RecentSpans(capacity: capacity, maximumBytes: bytes)
        for span in spans { recent.append(span) }
        return recent
    }

    private static func numbers(_ found: RecentSpans.Found) -> [UInt64] { found.spans.map(\.spanID.rawValue) }

    @Test("The spans of a trace are found, and spans of other traces that link to it")
    func byTrace() {
        let link = SpanLink(traceID: SpanSamples.trace, spanID: SpanSamples.span(1), flags: .sampled)
        let recent = Self.keep([
            SpanSamples.record(span: 1), SpanSamples.record(trace: SpanSamples.otherTrace, span: 2),
            SpanSamples.record(span: 3, parent: 1),
            SpanSamples.record(trace: SpanSamples.otherTrace, span: 4, links: [link]),
        ])
        #expect(Self.numbers(recent.spans(of: SpanSamples.trace, limit: 10)) == [1, 3, 4])
        #expect(Self.numbers(recent.spans(of: SpanSamples.otherTrace, limit: 10)) == [2, 4])
        #expect(recent.spans(of: SpanSamples.id(9, 9), limit: 10).spans.isEmpty)
    }

    @Test("A request id finds all spans of its traces, whichever span has the id and in whichever form")
    func byRequest() {
        let text = SpanAttribute(SpanRecord.requestIDKey, .text("demo-1"))
        let bytes = SpanAttribute(SpanRecord.requestIDKey, .bytes(Array("demo-1".utf8)))
        let recent = Self.keep([
            SpanSamples.record(span: 1), SpanSamples.record(span: 2, attributes: [text]),
            SpanSamples.record(trace: SpanSamples.otherTrace, span: 3, attributes: [bytes]),
            SpanSamples.record(trace: SpanSamples.id(7, 7), span: 4),
        ])
        #expect(Self.numbers(recent.spans(ofRequest: Array("demo-1".utf8), limit: 10)) == [1, 2, 3])
        #expect(recent.spans(ofRequest: Array("demo".utf8), limit: 10).spans.isEmpty)
    }

    @Test("A look-up returns at most the limit and reports whether there are more")
    func limit() {
        let recent = Self.keep((1...5).map { SpanSamples.record(span: $0) })
        let some = recent.spans(of: SpanSamples.trace, limit: 3)
        #expect(Self.numbers(some) == [1, 2, 3] && some.isCut)
        #expect(!recent.spans(of: SpanSamples.trace, limit: 5).isCut)
    }

    @Test("The oldest spans are removed when there are too many")
    func removal() {
        let spans = (1...7).map { SpanSamples.record(span: $0, end: 2_000_000_000_000_000_000 + $0) }
        let recent = Self.keep(spans, capacity: 3)
        #expect(Self.numbers(recent.spans(of: SpanSamples.trace, limit: 10)) == [5, 6, 7])
        #expect(recent.count == 3)
        #expect(recent.oldestEndNanoseconds == 2_000_000_000_000_000_005)
    }

    @Test("Only the first spans of each second are stored")
    func perSecond() {
        let limit = ObservabilityLimits.recentSpansPerSecond
        let second: UInt64 = 1_000_000_000
        let spans = (0..<(2 * limit)).map {
            SpanSamples.record(span: UInt64($0) + 1, start: 5 * second, end: 7 * second + UInt64($0))
        }
        let next = SpanSamples.record(span: 1 << 40, start: 5 * second, end: 8 * second)
        let recent = Self.keep(spans + [next], capacity: 4 * limit, bytes: 1 << 30)
        let numbers = Self.numbers(recent.spans(of: SpanSamples.trace, limit: 4 * limit))
        #expect(numbers == (1...UInt64(limit)) + [1 << 40])
    }

    @Test("The oldest spans are removed to stay within the limit of bytes, and a span above the limit is not stored")
    func bytes() {
        func span(_ number: UInt64, _ count: Int) -> SpanRecord {
            SpanSamples.record(
                span: number, attributes: [SpanAttribute("text", .bytes(Array(repeating: 0, count: count)))])
        }
        let recent = Self.keep([span(1, 4_000), span(2, 4_000), span(3, 20_000), span(4, 4_000)], bytes: 10_000)
        #expect(Self.numbers(recent.spans(of: SpanSamples.trace, limit: 10)) == [2, 4])
    }
}
