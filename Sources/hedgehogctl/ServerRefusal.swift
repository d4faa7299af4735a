/// An error answer of the API, described by the server's own sentence.
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
            description = "status \(status) with a body that is not a HedgehogDB error; check for a proxy in between"
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
