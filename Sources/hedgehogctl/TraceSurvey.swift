#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The spans that all nodes hold of one trace, or of the traces of one request.
struct TraceSurvey {
    private(set) var spans: [SpanPage.Entry] = []
    /// The nodes that did not answer, with the reasons.
    private(set) var silent: [String: String] = [:]
    /// The nodes that hold more spans than the requested number.
    private(set) var cut: Set<String> = []
    private var pages: [String: SpanPage] = [:]
    private var known: Set<String> = []

    mutating func note(_ node: String, silent reason: String) {
        silent[node] = reason
    }

    mutating func add(_ page: SpanPage) {
        pages[page.nodeId] = page
        if page.cut { cut.insert(page.nodeId) }
        for span in page.spans where known.insert(span.traceId + span.spanId).inserted {
            var span = span
            span.node = page.nodeId
            spans.append(span)
        }
    }

    /// The ids of the traces that belong to a request, newest first.
    func traces(ofRequest id: String) -> [String] {
        let own = spans.filter { $0["hedgehog.request_id"] == id }.sorted { $0.start > $1.start }
        var seen: Set<String> = []
        return own.map(\.traceId).filter { seen.insert($0).inserted }
    }

    /// The possible reasons why no node holds spans of a trace, one sentence each.
    var emptyReasons: [String] {
        var reasons = ["it was not recorded: OTEL_TRACES_SAMPLER or the client's traceparent did not sample it"]
        let caps = pages.values.map(\.maxTracesPerSecond).filter { $0 > 0 }
        if let cap = caps.min() {
            reasons.append(
                "its second already had \(cap) recorded traces, the limit of HEDGEHOG_TRACE_MAX_PER_SECOND")
        }
        for (node, page) in pages.sorted(by: { $0.key < $1.key }) {
            guard let oldest = page.oldest else {
                reasons.append("\(node) has recorded no span since it was started")
                continue
            }
            reasons.append("\(node) holds only its latest \(page.held) spans; the oldest is of \(oldest)")
        }
        return reasons + silentLines
    }

    var silentLines: [String] {
        silent.sorted { $0.key < $1.key }.map { "\($0.key) did not answer: \($0.value)" }
    }

    private struct Report: Encodable {
        struct Silent: Encodable {
            let node: String
            let reason: String
        }

        let spans: [SpanPage.Entry]
        let silent: [Silent]
        let cut: [String]
    }

    func json() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let report = Report(
            spans: spans.sorted { $0.start < $1.start },
            silent: silent.sorted { $0.key < $1.key }.map { Report.Silent(node: $0.key, reason: $0.value) },
            cut: cut.sorted())
        return Array(try encoder.encode(report)) + [UInt8(ascii: "\n")]
    }
}
