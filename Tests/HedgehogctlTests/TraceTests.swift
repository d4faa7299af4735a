@testable import hedgehogctl
import Testing

@Suite struct TraceTests {
    private static let trace = "0af7651916cd43dd8448eb211c80319c"
    private static let other = "00000000000000000000000000000001"

    private static func span(
        _ id: Int, _ name: String, parent: Int? = nil, trace: String = trace, from start: Int, to end: Int,
        attributes: String = "", events: String = "", links: String = "", failure: String? = nil
    ) -> String {
        let parent = parent.map { #","parent_span_id":"\#($0)","parent_is_remote":false"# } ?? ""
        let outcome = failure.map { #""failed":true,"failure":"\#($0)""# } ?? #""failed":false"#
        let (start, end) = (1_000_000_000 + start * 1_000, 1_000_000_000 + end * 1_000)
        return #"{"trace_id":"\#(trace)","span_id":"\#(id)"\#(parent),"name":"\#(name)","kind":"server","#
            + #""start_nanoseconds":"\#(start)","end_nanoseconds":"\#(end)","#
            + #"\#(outcome),"attributes":[\#(attributes)],"events":[\#(events)],"links":[\#(links)]}"#
    }

    private static func page(_ node: String, _ spans: [String], isCut: Bool = false) throws -> SpanPage {
        let json = #"{"node_id":"\#(node)","spans":[\#(spans.joined(separator: ","))],"cut":\#(isCut),"held":7,"#
            + #""capacity":8192,"oldest":"2026-11-28T03:00:00.000Z","max_traces_per_second":100}"#
        return try SpanPage(decodingJSON: json.utf8)
    }

    private static func put() throws -> TraceSurvey {
        var survey = TraceSurvey()
        survey.add(try page("node-1", [
            span(
                3, "replicate put", parent: 2, from: 300, to: 2_300,
                attributes: #"{"key":"hedgehog.target_node","value":"node-2"}"#),
            span(
                2, "coordinator.route_put", parent: 1, from: 100, to: 4_100, events: """
                    {"name":"quorum reached","at_nanoseconds":"1003000000","attributes":[{"key":"acks","value":2}]}
                    """),
            span(1, "http.request", from: 0, to: 4_213, attributes: """
                {"key":"http.request.method","value":"PUT"},{"key":"http.response.status_code","value":200},
                {"key":"hedgehog.request_id","value":"demo-1"},{"key":"server.address","value":"127.0.0.1"}
                """),
        ]))
        survey.add(try page("node-2", [
            span(4, "replicate", parent: 3, from: 900, to: 1_900),
            span(10, "replicate put", parent: 9, trace: other, from: 91_000, to: 94_000),
            span(
                11, "replicate", parent: 10, trace: other, from: 91_500, to: 92_000,
                attributes: #"{"key":"hedgehog.request_id","value":"demo-1"}"#),
            span(12, "replicate put", parent: 9, trace: other, from: 92_000, to: 94_000),
            span(
                13, "replicate", parent: 12, trace: other, from: 92_500, to: 93_000,
                attributes: #"{"key":"hedgehog.request_id","value":"another"}"#),
            span(
                9, "hint.replay", trace: other, from: 90_000, to: 95_000,
                links: #"{"trace_id":"\#(trace)","span_id":"2"}"#, failure: "timed out"),
        ]))
        return survey
    }

    @Test("Spans of all nodes form one tree with relative times, events and linked traces")
    func tree() throws {
        #expect(try Self.put().text == """
            trace 0af7651916cd43dd8448eb211c80319c
            request demo-1
            4 spans on 2 nodes, 4.213 ms

            START MS  TOOK MS  NODE    SPAN
               0.000    4.213  node-1  http.request  request.method=PUT  response.status_code=200
               0.100    4.000  node-1    coordinator.route_put
               3.000                       * quorum reached  acks=2
               0.300    2.000  node-1      replicate put  target_node=node-2
               0.900    1.000  node-2        replicate
              90.000    5.000  node-2      > hint.replay  FAILED: timed out (trace 00000000000000000000000000000001)
              91.000    3.000  node-2        replicate put
              91.500    0.500  node-2          replicate

            """)
    }

    @Test("A replay requested by its own trace id is a tree of its own")
    func replay() throws {
        var survey = TraceSurvey()
        let links = #"{"trace_id":"\#(Self.trace)","span_id":"2"}"#
        survey.add(try Self.page("node-1", [
            Self.span(9, "hint.replay", trace: Self.other, from: 0, to: 5_000, links: links),
            Self.span(10, "replicate put", parent: 9, trace: Self.other, from: 1_000, to: 2_000),
        ]))
        #expect(survey.linkedTraces.isEmpty)
        #expect(survey.text.hasPrefix("trace \(Self.other)\n2 spans on 1 node"))
        #expect(survey.text.hasSuffix("""
               0.000    5.000  node-1  hint.replay
               1.000    1.000  node-1    replicate put

            """))
    }

    @Test("Nodes that did not answer and nodes that hold more spans are listed at the end")
    func remarks() throws {
        var survey = try Self.put()
        survey.note("node-3", silent: "the connection was refused; nothing listens there")
        survey.add(try Self.page("node-2", [], isCut: true))
        #expect(survey.text.hasSuffix("""

            node-3 did not answer: the connection was refused; nothing listens there
            node-2 holds more spans than are shown

            """))
    }

    @Test("A span with an unknown parent is a root, and a span received twice is shown once")
    func orphans() throws {
        var survey = TraceSurvey()
        let orphan = Self.span(5, "replicate", parent: 77, from: 500, to: 700)
        survey.add(try Self.page("node-3", [orphan, Self.span(1, "http.request", from: 0, to: 900)]))
        survey.add(try Self.page("node-3", [orphan]))
        #expect(survey.text.contains("2 spans on 1 node, 0.900 ms"))
        #expect(survey.text.contains("\n   0.500    0.200  node-3  replicate\n"))
    }

    @Test("Spans that are each other's parents do not recurse without end")
    func ring() throws {
        var survey = TraceSurvey()
        survey.add(try Self.page("node-1", [
            Self.span(1, "a", from: 0, to: 1), Self.span(2, "b", parent: 1, from: 0, to: 1),
            Self.span(2, "b", parent: 2, from: 0, to: 1), Self.span(3, "c", parent: 3, from: 0, to: 1),
        ]))
        #expect(survey.text.contains("b"))
    }

    @Test("The traces of a request are those whose spans carry its id, newest first")
    func requests() throws {
        var survey = TraceSurvey()
        let id = #"{"key":"hedgehog.request_id","value":"demo-1"}"#
        survey.add(try Self.page("node-1", [
            Self.span(1, "old", trace: Self.other, from: 0, to: 1, attributes: id),
            Self.span(2, "new", from: 10, to: 11, attributes: id),
            Self.span(3, "linked", trace: "00000000000000000000000000000002", from: 20, to: 21),
        ]))
        #expect(survey.traces(ofRequest: "demo-1") == [Self.trace, Self.other])
        #expect(survey.traces(ofRequest: "demo").isEmpty)
    }

    @Test("An empty result lists the possible reasons")
    func nothing() throws {
        var survey = TraceSurvey()
        survey.add(try Self.page("node-1", []))
        survey.note("node-2", silent: "no connection within 3000 ms")
        let sentence = ControlFailure.noSpans(.request("demo-1"), reasons: survey.emptyReasons).description
        #expect(
            sentence.hasPrefix(
                "no node that answered holds spans of request demo-1; possible reasons:\n  - it was not recorded"))
        #expect(sentence.contains("HEDGEHOG_TRACE_MAX_PER_SECOND"))
        #expect(
            sentence.contains(
                "\n  - node-1 holds only its latest 7 spans; the oldest is of 2026-11-28T03:00:00.000Z"))
        #expect(sentence.hasSuffix("\n  - node-2 did not answer: no connection within 3000 ms"))
    }

    @Test("The JSON output has all spans in start order and the nodes that did not answer")
    func json() throws {
        var survey = try Self.put()
        survey.note("node-3", silent: "gone")
        let text = String(decoding: try survey.json(), as: UTF8.self)
        #expect(text.hasPrefix(#"{"cut":[],"silent":[{"node":"node-3","reason":"gone"}],"spans":[{"attributes":["#))
        #expect(text.contains(#"{"key":"http.response.status_code","value":200}"#))
        #expect(text.contains(#""name":"hint.replay","node":"node-2""#) && text.hasSuffix("\n"))
    }

    @Test("32 lowercase hexadecimal digits are a trace id, any other text is a request id", arguments: [
        (trace, .trace(trace)), ("demo-1", .request("demo-1")),
        ("0AF7651916CD43DD8448EB211C80319C", .request("0AF7651916CD43DD8448EB211C80319C")),
        ("0af76519-16cd-43dd-8448-eb211c80319c", .request("0af76519-16cd-43dd-8448-eb211c80319c")),
    ] as [(String, TraceSubject)])
    func subjects(text: String, expected: TraceSubject) {
        #expect(TraceSubject(text) == expected)
    }

    @Test("The request for spans uses the parameter of its subject, with the value encoded")
    func calls() {
        #expect(Call.traces(.trace(Self.trace)).target == "/api/v1/debug/traces?trace_id=\(Self.trace)&limit=5000")
        #expect(Call.traces(.request("a+b=c")).target == "/api/v1/debug/traces?request_id=a%2Bb%3Dc&limit=5000")
    }
}
