// Prints the spans of several nodes, one tree per trace. Times are relative to the start of the trace's first span and
// come from the clocks of the nodes, so a span may seem to start before its parent by as much as two clocks differ.
extension TraceSurvey {
    /// The printed trees of spans, one per trace; every line ends with a line feed.
    var text: String {
        let traces = Dictionary(grouping: spans, by: \.traceId)
        let later = Set(linkedTraces)
        let own = traces.filter { !later.contains($0.key) }.values
        let inOrder = own.sorted { ($0.map(\.start).min() ?? 0) < ($1.map(\.start).min() ?? 0) }
        var text = inOrder.map { TraceTree($0, later: spans.filter { later.contains($0.traceId) }).text }
            .joined(separator: "\n")
        let remarks = silentLines + cut.sorted().map { "\($0) holds more spans than are shown" }
        if !remarks.isEmpty { text += "\n" + remarks.map { printable($0) + "\n" }.joined() }
        return text
    }

    /// The traces that are linked to another trace of this result. They are shown below it, not as trees of their own.
    var linkedTraces: [String] {
        let known = Set(spans.map(\.traceId))
        let linked = spans.filter { span in
            span.links.contains { $0.traceId != span.traceId && known.contains($0.traceId) }
        }
        var seen: Set<String> = []
        return linked.map(\.traceId).filter { seen.insert($0).inserted }
    }
}

private struct TraceTree {
    private let spans: [SpanPage.Entry]
    /// The spans of traces that are linked to this one, such as hint replays.
    private let later: [SpanPage.Entry]
    private let requests: [String]
    private let children: [String: [SpanPage.Entry]]
    private let began: Int64
    private var grid = Grid([
        .init(title: "START MS", alignment: .right), .init(title: "TOOK MS", alignment: .right),
        .init(title: "NODE"), .init(title: "SPAN"),
    ])

    /// A limit on recursion: span ids that clients choose could make spans each other's parents. HedgehogDB's own spans
    /// nest far less deep.
    private static let deepest = 64

    init(_ spans: [SpanPage.Entry], later: [SpanPage.Entry]) {
        self.spans = spans.sorted { ($0.start, $0.end) < ($1.start, $1.end) }
        self.later = later.sorted { ($0.start, $0.end) < ($1.start, $1.end) }
        requests = Self.requests(of: self.spans)
        children = Dictionary(grouping: self.spans + self.later, by: { $0.parentSpanId ?? "" })
        began = self.spans.first?.start ?? 0
        let ids = Set(spans.map(\.spanId))
        for root in self.spans where root.parentSpanId.map({ !ids.contains($0) }) ?? true { add(root, depth: 0) }
    }

    var text: String { heading + grid.text }

    private static func requests(of spans: [SpanPage.Entry]) -> [String] {
        var requests: [String] = []
        for span in spans {
            if let id = span["hedgehog.request_id"], !requests.contains(id) { requests.append(id) }
        }
        return requests
    }

    private var heading: String {
        let nodes = Set(spans.compactMap(\.node))
        let took = (spans.map(\.end).max() ?? began) - began
        let counts = "\(spans.count) span\(spans.count == 1 ? "" : "s") on \(nodes.count) "
            + "node\(nodes.count == 1 ? "" : "s"), \(Self.milliseconds(took)) ms"
        var lines = ["trace \(spans.first?.traceId ?? "")"]
        if !requests.isEmpty { lines.append("request \(requests.joined(separator: ", "))") }
        return (lines + [counts, ""]).map { printable($0) + "\n" }.joined()
    }

    private mutating func add(_ span: SpanPage.Entry, depth: Int, isLater: Bool = false) {
        guard depth < Self.deepest else { return }
        let indent = String(repeating: "  ", count: depth)
        grid.add([
            Self.milliseconds(span.start - began), Self.milliseconds(span.end - span.start), span.node ?? "",
            indent + (isLater ? "> " : "") + span.name + Self.facts(span)
                + (isLater ? " (trace \(span.traceId))" : ""),
        ])
        for event in span.events {
            grid.add([
                Self.milliseconds(event.moment - began), "", "",
                indent + "  * " + event.name + Self.listed(event.attributes),
            ])
        }
        for child in children[span.spanId] ?? [] where belongsToRequests(child) { add(child, depth: depth + 1) }
        for linked in later where linked.links.contains(where: { $0.spanId == span.spanId }) {
            add(linked, depth: depth + 1, isLater: true)
        }
    }

    /// Whether a span belongs to the client requests of the printed trace. A hint replay works for many requests at
    /// once, so spans of other requests are left out. A span without a request id is judged by the ids of the spans
    /// below it.
    private func belongsToRequests(_ span: SpanPage.Entry) -> Bool {
        let ids = requestIDs(under: span, depth: 0)
        return ids.isEmpty || requests.isEmpty || !ids.isDisjoint(with: requests)
    }

    private func requestIDs(under span: SpanPage.Entry, depth: Int) -> Set<String> {
        guard depth < Self.deepest else { return [] }
        var ids = Set([span["hedgehog.request_id"]].compactMap { $0 })
        for child in children[span.spanId] ?? [] { ids.formUnion(requestIDs(under: child, depth: depth + 1)) }
        return ids
    }

    private static func facts(_ span: SpanPage.Entry) -> String {
        var text = listed(span.attributes.filter { !omitted.contains($0.key) && !$0.key.hasPrefix("network.") })
        if span.failed { text += span.failure.map { $0.isEmpty ? "  FAILED" : "  FAILED: \($0)" } ?? "  FAILED" }
        return text
    }

    /// Span attributes that are not printed, because a column or the heading shows them or all spans of a kind share
    /// them.
    private static let omitted: Set = [
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

    /// Formats nanoseconds as milliseconds with three decimals.
    private static func milliseconds(_ nanoseconds: Int64) -> String {
        let microseconds = (abs(nanoseconds) + 500) / 1_000
        let decimals = String(microseconds % 1_000)
        let sign = nanoseconds < 0 && microseconds > 0 ? "-" : ""
        return "\(sign)\(microseconds / 1_000)." + String(repeating: "0", count: 3 - decimals.count) + decimals
    }
}
