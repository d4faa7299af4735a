/// Spans of several nodes as one tree a trace. Times are relative to the trace's first moment, by each node's own
/// clock: a span may seem to begin before its parent by as much as two clocks differ.
extension TraceSurvey {
    /// Each line with its line end.
    var text: String {
        let linking = spans.filter { isLinked($0) }
        let own = spans.filter { !isLinked($0) }
        let traces = Dictionary(grouping: own, by: \.traceId)
        let inOrder = traces.values.sorted { ($0.map(\.start).min() ?? 0) < ($1.map(\.start).min() ?? 0) }
        var text = inOrder.map { TraceTree($0, linking: linking).text }.joined(separator: "\n")
        // A replay that was asked for itself, and not because of what it is linked to.
        if own.isEmpty { text = TraceTree(spans, linking: []).text }
        let remarks = silentLines + cut.sorted().map { "\($0) has more spans than are shown" }
        if !remarks.isEmpty { text += "\n" + remarks.map { printable($0) + "\n" }.joined() }
        return text
    }

    /// Whether it is here because of its link into the trace of another span that is here.
    private func isLinked(_ span: SpanPage.Span) -> Bool {
        span.links.contains { link in
            link.traceId != span.traceId && spans.contains { $0.traceId == link.traceId }
        }
    }
}

private struct TraceTree {
    private let spans: [SpanPage.Span]
    private let linking: [SpanPage.Span]
    private let children: [String: [SpanPage.Span]]
    private let began: Int64
    private var grid = Grid([
        .init(title: "START MS", alignment: .right), .init(title: "TOOK MS", alignment: .right),
        .init(title: "NODE"), .init(title: "SPAN"),
    ])

    init(_ spans: [SpanPage.Span], linking: [SpanPage.Span]) {
        self.spans = spans.sorted { ($0.start, $0.end) < ($1.start, $1.end) }
        self.linking = linking
        children = Dictionary(grouping: self.spans.filter { $0.parentSpanId != nil }, by: { $0.parentSpanId ?? "" })
        began = self.spans.first?.start ?? 0
        let ids = Set(spans.map(\.spanId))
        for root in self.spans where root.parentSpanId.map({ !ids.contains($0) }) ?? true { add(root, depth: 0) }
    }

    var text: String { heading + grid.text }

    private var heading: String {
        let nodes = Set(spans.compactMap(\.node))
        let took = (spans.map(\.end).max() ?? began) - began
        var requests: [String] = []
        for span in spans {
            if let id = span["hedgehog.request_id"], !requests.contains(id) { requests.append(id) }
        }
        let counts = "\(spans.count) span\(spans.count == 1 ? "" : "s") on \(nodes.count) "
            + "node\(nodes.count == 1 ? "" : "s"), \(Self.milliseconds(took)) ms"
        let request = requests.isEmpty ? "" : "request \(requests.joined(separator: ", "))\n"
        return printable("trace \(spans.first?.traceId ?? "")") + "\n"
            + (request.isEmpty ? "" : printable(String(request.dropLast())) + "\n") + counts + "\n\n"
    }

    private mutating func add(_ span: SpanPage.Span, depth: Int) {
        // Foreign parents could make a ring of spans; what is that deep is none of ours.
        guard depth < 64 else { return }
        let indent = String(repeating: "  ", count: depth)
        grid.add([
            Self.milliseconds(span.start - began), Self.milliseconds(span.end - span.start), span.node ?? "",
            indent + span.name + Self.facts(span),
        ])
        for event in span.events {
            grid.add([
                Self.milliseconds(event.moment - began), "", "",
                indent + "  * " + event.name + Self.listed(event.attributes),
            ])
        }
        for child in children[span.spanId] ?? [] { add(child, depth: depth + 1) }
        for later in linking where later.links.contains(where: { $0.spanId == span.spanId }) {
            grid.add([
                Self.milliseconds(later.start - began), Self.milliseconds(later.end - later.start), later.node ?? "",
                indent + "  > " + later.name + Self.facts(later) + " (trace \(later.traceId))",
            ])
        }
    }

    private static func facts(_ span: SpanPage.Span) -> String {
        var text = listed(span.attributes.filter { !untold.contains($0.key) && !$0.key.hasPrefix("network.") })
        if span.failed { text += span.failure.map { $0.isEmpty ? "  FAILED" : "  FAILED: \($0)" } ?? "  FAILED" }
        return text
    }

    /// What stands in a column, in the heading, or in every span of its kind.
    private static let untold: Set = [
        "hedgehog.node_id", "hedgehog.request_id", "url.scheme", "url.full", "http.route", "server.address",
        "server.port", "client.address", "user_agent.original", "db.system.name", "db.operation.name",
    ]

    private static func listed(_ attributes: [SpanPage.Attribute]) -> String {
        attributes.map { "  \(shortened($0.key))=\($0.value)" }.joined()
    }

    private static func shortened(_ key: String) -> String {
        let prefix = ["hedgehog.", "http.", "db."].first(where: key.hasPrefix)
        return String(key.dropFirst(prefix?.count ?? 0))
    }

    /// With three decimals.
    private static func milliseconds(_ nanoseconds: Int64) -> String {
        let microseconds = (abs(nanoseconds) + 500) / 1_000
        let decimals = String(microseconds % 1_000)
        let sign = nanoseconds < 0 && microseconds > 0 ? "-" : ""
        return "\(sign)\(microseconds / 1_000)." + String(repeating: "0", count: 3 - decimals.count) + decimals
    }
}
