/// An answer of the API that says no, in the server's own words.
struct ServerRefusal: Error, Equatable, CustomStringConvertible {
    private struct Body: Decodable {
        let error: String
        let requestId: String?
        let acks: Int?
        let required: Int?
        let outcome: String?
    }

    let description: String

    init(status: Int, body: [UInt8]) {
        guard let body = try? Body(decodingJSON: body) else {
            description = "status \(status), and not in HedgehogDB's words: does a proxy stand before the node?"
            return
        }
        var text = printable(body.error)
        if let outcome = body.outcome {
            text += "; outcome: \(printable(outcome))"
            if let acks = body.acks, let required = body.required { text += ", \(acks) of \(required) acks" }
        }
        if let requestID = body.requestId { text += " (request \(printable(requestID)))" }
        description = text
    }
}
