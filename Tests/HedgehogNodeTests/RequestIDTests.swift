import Testing

/// A test case of request ids: the header fields of a request, and the request id and trace id that its answer must
/// have. A nil id stands for a newly generated one.
private struct Naming: CustomTestStringConvertible {
    let fields: [String]
    let id: String?
    let trace: String?

    init(_ fields: String..., id: String?, trace: String? = nil) {
        (self.fields, self.id, self.trace) = (fields, id, trace)
    }

    var testDescription: String { "\(fields)" }
}

private let trace = "0af7651916cd43dd8448eb211c80319c"
private let otherTrace = "4bf92f3577b34da6a3ce929d0e0e4736"
private let longest = String(repeating: "x", count: 128)

@Suite(.sharedNode) struct RequestIDTests {
    @Test("A request keeps the valid ids that the client sent, or gets new ones", arguments: [
        Naming(id: nil),
        Naming("X-Request-ID: abc", id: "abc"),
        Naming("x-request-id:   padded\t", id: "padded"),
        Naming("X-Request-ID: A-Za.z0_9~:/+=@-", id: "A-Za.z0_9~:/+=@-"),
        Naming("X-Request-ID: \(longest)", id: longest),
        Naming("X-Request-ID: \(longest)x", id: nil),
        Naming("X-Request-ID:", id: nil),
        Naming("X-Request-ID: a b", id: nil),
        Naming("X-Request-ID: a,b", id: nil),
        Naming("X-Request-ID: <script>", id: nil),
        Naming("X-Request-ID: \"quoted\"", id: nil),
        Naming("X-Request-ID: \u{E4}", id: nil),
        Naming("X-Request-ID: a", "X-Request-ID: b", id: nil),
        Naming("X-Trace-ID: \(trace)", id: trace, trace: trace),
        Naming("X-Trace-ID: build-17", id: "build-17"),
        Naming("X-Request-ID: abc", "X-Trace-ID: \(trace)", id: "abc", trace: trace),
        Naming("X-Request-ID: a b", "X-Trace-ID: \(trace)", id: trace, trace: trace),
        Naming("traceparent: 00-\(otherTrace)-00f067aa0ba902b7-01", id: nil, trace: otherTrace),
        Naming(
            "traceparent: 00-\(otherTrace)-00f067aa0ba902b7-01", "X-Trace-ID: \(trace)", id: trace, trace: otherTrace),
        Naming("traceparent: 00-\(trace)-0000000000000000-01", id: nil),
        Naming("X-Trace-ID: 00000000000000000000000000000000", id: "00000000000000000000000000000000"),
    ])
    fileprivate func naming(_ naming: Naming) throws {
        let client = TestNode.shared.client()
        for path in ["/livez", "/nowhere", "/metrics", "/api/v1/tables/none/items/k", "/api/v1/tables"] {
            let answer = try #require(client.get(path, naming.fields))
            let id = try #require(answer["X-Request-ID"])
            let traceID = try #require(answer["X-Trace-ID"])
            if let expected = naming.id { #expect(id == expected) } else { #expect(isUUID(id), "\(id)") }
            if let expected = naming.trace { #expect(traceID == expected) } else { #expect(isNewTrace(traceID)) }
            guard answer.status >= 400 else { continue }
            #expect(answer.json["request_id"] as? String == id)
            #expect(answer.json["trace_id"] as? String == traceID)
        }
    }

    @Test("No two requests get the same generated id")
    func distinct() throws {
        let client = TestNode.shared.client()
        let names = (1...200).compactMap { _ in client.get("/livez")?["X-Request-ID"] }
        #expect(Set(names).count == 200)
    }

    private func isUUID(_ text: String) -> Bool {
        text.wholeMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/) != nil
    }

    private func isNewTrace(_ text: String) -> Bool {
        text.wholeMatch(of: /[0-9a-f]{32}/) != nil && text != trace && text != otherTrace
    }
}
