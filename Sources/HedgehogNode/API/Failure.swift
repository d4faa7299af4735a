internal import Base
internal import Cluster
internal import HTTP
internal import HTTPServer
internal import Observability

/// An error answer of the API: a status, a sentence for people, and fields for programs.
///
/// Every failure of the API is made in this file, so that each one has exactly one status. A sentence says what failed,
/// with the values, and then what to do.
struct Failure: Error {
    let status: Status
    let message: String
    var allow: [Method] = []
    var retryAfterSeconds: Int?
    var unavailable: Unavailable?
    var limitBytes: Int?
    /// The reason for shedding load, if this error is a 503 that sheds load; nil for every other error.
    var shed: ShedReason?

    fileprivate init(_ status: Status, _ message: String) {
        self.status = status
        self.message = message
    }

    /// The JSON body of an error answer, with the request id and the trace id.
    func body(_ identity: RequestIdentity) -> [UInt8] {
        JSONWriter.line {
            $0.member("error", message)
            if let unavailable {
                $0.member("acks", unavailable.acks)
                $0.member("required", unavailable.required)
                $0.member("outcome", unavailable.outcome.rawValue)
            }
            if let limitBytes { $0.member("limit", limitBytes) }
            $0.ids(of: identity)
        }
    }
}

// Error answers that are caused by an invalid request.
extension Failure {
    static let noSuchPath = Failure(
        .notFound, "path not found; docs/api.md lists all paths, and a slash within a key is written %2F")

    static func methodNotAllowed(_ allowed: [Method]) -> Failure {
        let names = allowed.map(\.name).joined(separator: ", ")
        var failure = Failure(.methodNotAllowed, "method not allowed on this path; allowed: \(names)")
        failure.allow = allowed
        return failure
    }

    static let conditionalWrite = Failure(
        .notImplemented,
        "conditional writes are not supported in this version; send the write without If-Match and If-None-Match")

    static let membershipChange = Failure(
        .notImplemented, "members cannot join or leave a running cluster in this version")

    static func badKey(_ error: NameError) -> Failure {
        Failure(.badRequest, "the key \(error.explanation(maximumBytes: ItemKey.maximumBytes))")
    }

    static func badTableName(_ error: NameError) -> Failure {
        Failure(.badRequest, "the table name \(error.explanation(maximumBytes: TableName.maximumBytes))")
    }

    /// The error for a table name or a key that is `.` or `..`. `what` says which of the two it is.
    static func dotSegment(_ what: String, _ name: [UInt8]) -> Failure {
        Failure(
            .badRequest,
            "the \(what) is \"\(String(repairing: name.span))\", which URL libraries remove from paths; "
                + "use any \(what) but \".\" and \"..\"")
    }

    static func badEncoding(_ what: String) -> Failure {
        Failure(
            .badRequest,
            "the \(what) has a % that is not followed by two hexadecimal digits; write %25 for a percent sign")
    }

    static func badJSON(_ problem: JSONObject.Problem) -> Failure {
        Failure(.badRequest, problem.explanation)
    }

    /// The error for a JSON body without a required member. `required` describes that member, with an example.
    static func missingInBody(_ required: String) -> Failure {
        Failure(.badRequest, "the body has no \(required)")
    }

    static func badParameter(_ name: String, given: [UInt8]?, allowed: String) -> Failure {
        let given = given.map { "\"\(String(repairing: $0.span))\"" } ?? "more than one"
        return Failure(.badRequest, "\(name): \(given) was given; \(allowed) is allowed")
    }

    static func parameterTooLong(_ name: String, bytes: Int, maximum: Int) -> Failure {
        Failure(.badRequest, "\(name): \(bytes) bytes were given; \(maximum) are allowed")
    }

    static func unknownParameter(_ name: [UInt8], allowed: [String]) -> Failure {
        Failure(
            .badRequest,
            "\"\(String(repairing: name.span))\" is not a parameter of this path; allowed: "
                + allowed.joined(separator: ", "))
    }

    static let tableAndKeyRequired = Failure(
        .badRequest, "table and key are required: ?table=users&key=alice")

    static let traceOrRequestRequired = Failure(
        .badRequest, "either trace_id or request_id is required: ?trace_id=HEX or ?request_id=ID")

    static func rejected(_ rejection: Rejection) -> Failure {
        var failure = Failure(rejection.status, rejection.explanation)
        if case .malformed(.framing(.bodyTooLarge(let limit))) = rejection { failure.limitBytes = limit }
        if rejection.status == .serviceUnavailable {
            failure.retryAfterSeconds = 1
            failure.shed = .overloaded
        }
        return failure
    }
}

// Items and tables.
extension Failure {
    static let noSuchItem = Failure(.notFound, "item not found: the table exists, the key does not")

    static func noSuchTable(_ name: [UInt8]) -> Failure {
        Failure(.notFound, "table \"\(String(repairing: name.span))\" not found; create it with POST /api/v1/tables")
    }

    static func tableNotCreated(_ name: TableName, _ error: Catalog.CreateError) -> Failure {
        switch error {
        case .exists: Failure(.conflict, "table \"\(name)\" already exists")
        case .identifierCollision(let other):
            Failure(
                .conflict, "table \"\(name)\" has the same internal id as \"\(other)\"; choose another name")
        }
    }

    static func tableNotEmpty(_ name: TableName) -> Failure {
        Failure(.conflict, "table \"\(name)\" is not empty; \(howToConfirm(name))")
    }

    /// The error for deleting a table whose items could not be counted, or whose count is not exact.
    static func tableMayHaveItems(_ name: TableName) -> Failure {
        Failure(
            .conflict,
            "table \"\(name)\" may have items, because not all replicas confirm that it is empty; "
                + howToConfirm(name))
    }

    private static func howToConfirm(_ name: TableName) -> String {
        "to delete it with all its items, add ?confirm=\(name) to the path or send the body {\"confirm\":\"\(name)\"}"
    }

    /// The kind of quorum that an operation needs.
    enum Quorum { case read, write }

    /// The error for an operation that did not reach its quorum. `missing` lists the members that cannot take part in a
    /// quorum now.
    static func unavailable(
        _ unavailable: Unavailable, _ quorum: Quorum, missing: [MissingMember] = []
    ) -> Failure {
        var failure = Failure(.serviceUnavailable, unavailable.explanation(quorum, missing))
        failure.unavailable = unavailable
        failure.shed = ShedReason(unavailable.reason)
        failure.retryAfterSeconds = Int.random(in: 1...3)
        return failure
    }

    /// The error for a request that needs a worker thread while the queue of the worker threads is full.
    static var tooBusy: Failure {
        var failure = Failure.unavailable(
            Unavailable(reason: .overloaded, acks: 0, required: 1, outcome: .notApplied), .read)
        failure.shed = .workers
        return failure
    }
}

// Error answers that are caused by the state of the node.
extension Failure {
    static var shuttingDown: Failure {
        var failure = Failure(.serviceUnavailable, "the node is shutting down; send the request to another node")
        failure.shed = .draining
        return failure
    }

    /// The error while the cluster's bootstrap is not complete. `problem` says what the bootstrap waits for, if that is
    /// known.
    static func notBootstrapped(_ problem: String?) -> Failure {
        var failure = Failure(
            .serviceUnavailable, "cluster bootstrap not complete: \(problem ?? "it is running; try again shortly")")
        failure.retryAfterSeconds = 1
        return failure
    }

    static var catalogUnknown: Failure {
        var failure = Failure(
            .serviceUnavailable,
            "this node has not yet received the list of tables from a peer; ask another node, or try again shortly")
        failure.retryAfterSeconds = 1
        return failure
    }

    static var tooManyScrapes: Failure {
        var failure = Failure(
            .serviceUnavailable,
            "\(ObservabilityLimits.waitingScrapes) metrics pages wait to be rendered, the most allowed; "
                + "try again shortly")
        failure.retryAfterSeconds = 1
        return failure
    }

    static let scrapeTooLate = Failure(
        .serviceUnavailable,
        "the metrics page was not ready within X-Prometheus-Scrape-Timeout-Seconds; raise scrape_timeout")

    static func hintsUnreadable(for nodeID: NodeID) -> Failure {
        Failure(.serviceUnavailable, "cannot read the hints for \(nodeID); /readyz shows the state of the disk")
    }
}

// Error answers to messages from peers and to commands of an operator.
extension Failure {
    static func rejected(_ rejection: PeerRejection) -> Failure {
        Failure(rejection.isMalformed ? .badRequest : .conflict, rejection.reason)
    }

    static let originNotAllowed = Failure(
        .forbidden, "internal routes reject requests that carry an Origin header")

    static let onlyFromLoopback = Failure(
        .forbidden,
        "this command is accepted from the node's own machine only, because the cluster has no secret; "
            + "run it there, or see --cluster-secret-file")

    static let badClusterSecret = Failure(
        .forbidden, "X-Cluster-Secret is missing or differs from this node's; see --cluster-secret-file")

    static func hintsOfSelf(_ nodeID: String) -> Failure {
        Failure(.notFound, "\(nodeID) is this node, which holds no hints for itself; ask another node")
    }

    static func noSuchMember(_ name: String, others: [NodeID]) -> Failure {
        let list = others.isEmpty ? "none" : others.map(\.description).joined(separator: ", ")
        return Failure(.notFound, "no member has the id \"\(name)\"; the other members: \(list)")
    }

    /// The error for an operator's command that names another node. `address` is the address of the node `name`, if
    /// that is a known member.
    static func otherNode(_ name: String, own: NodeID, address: String?) -> Failure {
        let place = address.map { "\(name) at \($0)" } ?? name
        return Failure(.badRequest, "this node is \(own), not \(name); send this command to \(place)")
    }

    static func notRecovering(_ nodeID: NodeID) -> Failure {
        Failure(.conflict, "\(nodeID) is not recovering: there is no data loss to accept")
    }

    static func bootstrapNotAborted(_ refusal: AbortBootstrapRefusal) -> Failure {
        switch refusal {
        case .bootstrapped: Failure(.conflict, "the bootstrap of this cluster is complete and cannot be aborted")
        case .nothingAccepted:
            Failure(.conflict, "this node has accepted no cluster record, so there is no bootstrap to abort")
        case .busy: Failure(.conflict, "a step of the bootstrap is being written to the disk; try again shortly")
        case .notStored:
            Failure(
                .serviceUnavailable,
                "the disk failed, so the node still holds the cluster record; /readyz shows the state of the disk")
        }
    }
}

extension NameError {
    fileprivate func explanation(maximumBytes: Int) -> String {
        switch self {
        case .empty: "is empty; 1 to \(maximumBytes) bytes are allowed"
        case .tooLong(let bytes): "is \(bytes) bytes long; at most \(maximumBytes) are allowed"
        case .notUTF8: "is not valid UTF-8"
        case .notAllowed: "has a character that is not allowed; use letters, digits, underscores, dots and dashes"
        }
    }
}

extension Unavailable {
    fileprivate func explanation(_ quorum: Failure.Quorum, _ missing: [MissingMember]) -> String {
        switch reason {
        case .overloaded: "overloaded: too many requests are waiting for the disk; try again shortly"
        case .diskFull: "the disk is nearly full: writes are rejected, reads are served; free disk space"
        case .storage(let message): "the store is unavailable: \(message)"
        case .timedOut(let milliseconds):
            "not complete within the operation timeout of \(milliseconds) ms" + missing.causes(last: nil)
        case .tooFewReplicas(let last):
            switch quorum {
            case .read: "read quorum not reached: \(acks) of \(required) replicas answered" + missing.causes(last: last)
            case .write:
                "write quorum not reached: \(acks) of \(required) replicas acknowledged" + missing.causes(last: last)
            }
        case .partitionUnavailable(let partition, let last):
            "partition \(partition) has no replica that answers"
                + missing.causes(last: last ?? (missing.isEmpty ? "all are dead" : nil))
        case .shuttingDown: "the node is shutting down; send the request to another node"
        case .clock(let problem): "\(problem); set the clock, or ask another node"
        }
    }
}

extension JSONWriter {
    /// Writes the request id and the trace id as members of the current JSON object. Neither needs escaping.
    mutating func ids(of identity: RequestIdentity) {
        member("request_id") { $0.plain { identity.requestID.append(to: &$0) } }
        member("trace_id") { $0.plain { identity.trace.traceID.append(to: &$0) } }
    }
}

extension ShedReason {
    /// Maps the reason of an unavailable operation to a reason for shedding load; nil if the operation failed for a
    /// fault and not for load.
    fileprivate init?(_ reason: Unavailable.Reason) {
        switch reason {
        case .overloaded: self = .queueFull
        case .shuttingDown: self = .draining
        case .diskFull, .storage, .timedOut, .tooFewReplicas, .partitionUnavailable, .clock: return nil
        }
    }
}
