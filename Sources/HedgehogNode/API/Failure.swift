internal import Base
internal import Cluster
internal import HTTP
internal import HTTPServer
internal import Observability

/// An answer that is an error: its status, a sentence that a person can act on, and what a program may read.
/// Every failure of the API is made here, so that each has exactly one status.
struct Failure: Error {
    let status: Status
    let message: String
    var allow: [Method] = []
    var retryAfterSeconds: Int?
    var unavailable: Unavailable?
    var limitBytes: Int?
    /// Of a 503 that keeps the node alive.
    var shed: ShedReason?

    init(_ status: Status, _ message: String) {
        self.status = status
        self.message = message
    }

    /// The JSON object, with both ids.
    func body(_ identity: RequestIdentity) -> [UInt8] {
        var body: [UInt8] = []
        body.append(#"{"error":"#)
        body.appendJSONString(message)
        if let unavailable {
            body.append(#","acks":"#)
            body.appendDecimal(unavailable.acks)
            body.append(#","required":"#)
            body.appendDecimal(unavailable.required)
            body.append(#","outcome":"#)
            body.appendJSONString(unavailable.outcome.rawValue)
        }
        if let limitBytes {
            body.append(#","limit":"#)
            body.appendDecimal(limitBytes)
        }
        body.appendIDs(identity)
        body.append("}\n")
        return body
    }
}

extension Failure {
    static let noSuchPath = Failure(
        .notFound, "there is no such path; docs/api.md lists those there are, and a slash within a key is written %2F")
    static let noSuchItem = Failure(.notFound, "item not found: the table exists, the key does not")

    static func noSuchTable(_ name: [UInt8]) -> Failure {
        Failure(.notFound, "table \"\(String(repairing: name.span))\" not found; create it with POST /api/v1/tables")
    }

    static func tableNotMade(_ name: TableName, _ error: Catalog.CreateError) -> Failure {
        switch error {
        case .exists: Failure(.conflict, "table \"\(name)\" already exists")
        case .identifierCollision(let other):
            Failure(
                .conflict, "table \"\(name)\" has the same internal id as \"\(other)\"; choose another name")
        }
    }

    static func methodNotAllowed(_ allowed: [Method]) -> Failure {
        let names = allowed.map(\.name).joined(separator: ", ")
        var failure = Failure(.methodNotAllowed, "this path does not take that method; it takes \(names)")
        failure.allow = allowed
        return failure
    }

    static let conditionalWrite = Failure(
        .notImplemented,
        "If-Match and If-None-Match on a write would need consensus per key, which this version does not have; "
            + "send the write without them")

    static let membershipChange = Failure(
        .notImplemented, "members cannot join or leave a running cluster in this version")

    static func badKey(_ error: NameError) -> Failure {
        Failure(.badRequest, "the key \(error.explanation(maximumBytes: ItemKey.maximumBytes))")
    }

    static func badTableName(_ error: NameError) -> Failure {
        Failure(.badRequest, "the table name \(error.explanation(maximumBytes: TableName.maximumBytes))")
    }

    static func badEncoding(_ what: String) -> Failure {
        Failure(
            .badRequest,
            "the \(what) has a % that two hexadecimal digits do not follow; write %25 for a percent sign")
    }

    static func badJSON(_ problem: JSONObject.Problem) -> Failure {
        Failure(.badRequest, problem.explanation)
    }

    static func badParameter(_ name: String, given: [UInt8]?, allowed: String) -> Failure {
        let given = given.map { "\"\(String(repairing: $0.span))\"" } ?? "more than one"
        return Failure(.badRequest, "\(name): \(given) was given; \(allowed) is allowed")
    }

    static func rejected(_ rejection: Rejection) -> Failure {
        var failure = Failure(rejection.status, rejection.explanation)
        if case .malformed(.bodyTooLarge(let limit)) = rejection { failure.limitBytes = limit }
        if rejection.status == .serviceUnavailable {
            failure.retryAfterSeconds = 1
            failure.shed = .crowded
        }
        return failure
    }

    /// The workers have as much to do as they may.
    static var tooBusy: Failure {
        var failure = Failure.unavailable(
            Unavailable(reason: .overloaded, acks: 0, required: 1, outcome: .notApplied))
        failure.shed = .workers
        return failure
    }

    static var shuttingDown: Failure {
        var failure = Failure(.serviceUnavailable, "the node is shutting down")
        failure.shed = .draining
        return failure
    }

    /// `problem` says what is waited for, where it is known.
    static func notFormed(_ problem: String?) -> Failure {
        var failure = Failure(
            .serviceUnavailable, "nothing is served before the cluster is formed: \(problem ?? "it is being formed")")
        failure.retryAfterSeconds = 1
        return failure
    }

    static var catalogUnknown: Failure {
        var failure = Failure(
            .serviceUnavailable,
            "this node has yet to hear from another member which tables there are; ask another, or again shortly")
        failure.retryAfterSeconds = 1
        return failure
    }

    static func unavailable(_ unavailable: Unavailable) -> Failure {
        var failure = Failure(.serviceUnavailable, unavailable.explanation)
        failure.unavailable = unavailable
        failure.shed = ShedReason(unavailable.reason)
        failure.retryAfterSeconds = Int.random(in: 1...3)
        return failure
    }
}

extension NameError {
    fileprivate func explanation(maximumBytes: Int) -> String {
        switch self {
        case .empty: "is empty; 1 to \(maximumBytes) bytes are allowed"
        case .tooLong(let bytes): "is \(bytes) bytes long; at most \(maximumBytes) are allowed"
        case .notUTF8: "is not valid UTF-8"
        case .notAllowed: "may hold letters, digits, underscore, dot and dash only"
        }
    }
}

extension Unavailable {
    fileprivate var explanation: String {
        switch reason {
        case .overloaded: "too many requests are waiting for the disk; try again shortly"
        case .diskFull: "the disk is nearly full, so writes are refused until there is space; reads go on"
        case .storage(let message): "the store cannot do this now: \(message)"
        case .timedOut(let milliseconds): "not done within the operation timeout of \(milliseconds) ms"
        case .tooFewReplicas(let last):
            "only \(acks) of the \(required) replicas needed answered well" + (last.map { ": \($0)" } ?? "")
        case .partitionUnavailable(let partition, let last):
            "no replica of partition \(partition) answered" + (last.map { ": \($0)" } ?? "; all are dead")
        case .shuttingDown: "the node is shutting down; ask another, or again when it is back"
        case .clock(let problem): "\(problem); set it, or ask another node"
        }
    }
}

extension Array where Element == UInt8 {
    /// Both ids as members of an object that has others before them. Neither holds a character to escape.
    mutating func appendIDs(_ identity: RequestIdentity) {
        append(#","request_id":""#)
        identity.requestID.append(to: &self)
        append(#"","trace_id":""#)
        identity.trace.traceID.append(to: &self)
        append("\"")
    }
}

extension ShedReason {
    /// Nil where something is wrong, and nothing merely too much.
    fileprivate init?(_ reason: Unavailable.Reason) {
        switch reason {
        case .overloaded: self = .queueFull
        case .shuttingDown: self = .draining
        case .diskFull, .storage, .timedOut, .tooFewReplicas, .partitionUnavailable, .clock: return nil
        }
    }
}
