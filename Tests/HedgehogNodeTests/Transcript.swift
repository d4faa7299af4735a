import Testing

// A transcript of requests and answers. Each line that begins with a method is a request, with [header fields] and a
// body if it has them. The lines below it are the status, with the header fields that matter, and the body.
//
//     PUT /api/v1/tables/t/items/a [X-Consistency: strong] {"x":1}
//     200 [ETag]
//     {"key":"a","message":"item saved"}
//
// The parts that every answer must have are checked and not shown: both ids (also at the end of an error's body), the
// CORS header fields, the content type and the line feed at the end.

extension TestNode {
    /// Sends the requests of `expected`, one after another on one connection, and compares the answers.
    func follow(_ expected: String, sourceLocation: SourceLocation = #_sourceLocation) {
        let client = client()
        var actual: [String] = []
        for line in expected.split(separator: "\n") {
            guard let request = TranscriptRequest(String(line)) else { continue }
            actual.append(String(line))
            guard let answer = client.ask(request.method, request.target, request.fields + standardFields, request.body)
            else {
                actual.append("no answer")
                continue
            }
            actual += shown(answer, toHead: request.method == "HEAD", sourceLocation)
        }
        let wanted = expected.split(separator: "\n").map(String.init)
        for change in actual.difference(from: wanted) {
            switch change {
            case .remove(let line, let text, _):
                Issue.record("line \(line + 1) was to be: \(text)", sourceLocation: sourceLocation)
            case .insert(let line, let text, _):
                Issue.record("line \(line + 1) is: \(text)", sourceLocation: sourceLocation)
            }
        }
    }
}

private struct TranscriptRequest {
    let method: String
    let target: String
    var fields: [String] = []
    let body: [UInt8]

    init?(_ line: String) {
        let words = line.split(separator: " ", maxSplits: 2).map(String.init)
        guard words.count >= 2, words[0].allSatisfy({ $0.isASCII && $0.isUppercase }) else { return nil }
        (method, target) = (words[0], words[1])
        var rest = words.count == 3 ? words[2][...] : ""
        while rest.hasPrefix("["), let end = rest.firstIndex(of: "]") {
            fields.append(String(rest[rest.index(after: rest.startIndex)..<end]))
            rest = rest[rest.index(after: end)...].drop { $0 == " " }
        }
        body = Array(rest.utf8)
    }
}

private let requestID = "the-request"
private let traceID = "0af7651916cd43dd8448eb211c80319c"
private let standardFields = ["X-Request-ID: \(requestID)", "X-Trace-ID: \(traceID)"]

private func shown(_ answer: Answer, toHead: Bool, _ location: SourceLocation) -> [String] {
    let isEmpty = toHead || answer.status == 204 || answer.status == 304
    var body = answer.text
    #expect(answer["X-Request-ID"] == requestID, sourceLocation: location)
    #expect(answer["X-Trace-ID"] == traceID, sourceLocation: location)
    #expect(answer["Access-Control-Allow-Origin"] == "*", sourceLocation: location)
    #expect(answer["Access-Control-Expose-Headers"] == "ETag, X-Request-ID, X-Trace-ID", sourceLocation: location)
    #expect(isEmpty == body.isEmpty, sourceLocation: location)
    if !isEmpty {
        #expect(answer["Content-Type"] == "application/json", sourceLocation: location)
        let endsLine = body.removeSuffix("\n")
        #expect(endsLine, sourceLocation: location)
        #expect(!answer.json.isEmpty || body.hasPrefix("[") || body == "{}", sourceLocation: location)
    }
    if answer.status >= 400, !toHead {
        let ids = #","request_id":"\#(requestID)","trace_id":"\#(traceID)"}"#
        let namesRequest = body.removeSuffix(ids)
        #expect(namesRequest, "\(body)", sourceLocation: location)
        body += "}"
    }
    return [statusLine(answer)] + (body.isEmpty ? [] : [steady(body)])
}

private func statusLine(_ answer: Answer) -> String {
    var line = "\(answer.status)"
    if let allow = answer["Allow"] { line += " [Allow: \(allow)]" }
    if answer["ETag"]?.wholeMatch(of: /"[0-9a-f]{32}"/) != nil { line += " [ETag]" }
    if answer["Retry-After"] != nil { line += " [Retry-After]" }
    return line
}

/// Replaces what differs between runs: times, addresses and random ids.
private func steady(_ body: String) -> String {
    body.replacing(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*Z/, with: "TIME")
        .replacing(/"[0-9a-f]{32}"/, with: "\"HEX\"")
        .replacing(/127\.0\.0\.1:\d+/, with: "ADDRESS")
}

extension String {
    /// Removes `suffix` from the end of the text. Returns false, and changes nothing, if the text does not end with it.
    fileprivate mutating func removeSuffix(_ suffix: String) -> Bool {
        guard hasSuffix(suffix) else { return false }
        removeLast(suffix.count)
        return true
    }
}
