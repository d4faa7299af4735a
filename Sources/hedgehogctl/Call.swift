internal import Base
internal import HTTP
internal import HTTPClient

/// One API request without the address of the server that it is sent to.
struct Call: Equatable {
    let method: ClientMethod
    /// The percent-encoded path and query of the request.
    private(set) var target: String
    let body: [UInt8]
    /// The cluster secret, sent with requests that only an operator may make.
    var secret: String?
    var timeoutMilliseconds = ControlLimits.timeoutMilliseconds

    /// Makes a request whose path consists of `segments`. A segment may hold any text: a slash in it is
    /// percent-encoded.
    init(_ method: ClientMethod, _ segments: [String], body: [UInt8] = []) {
        self.method = method
        self.body = body
        target = segments.map { "/" + Self.encoded($0) }.joined()
    }

    mutating func addParameter(_ name: String, _ value: String?) {
        guard let value else { return }
        target += (target.utf8.contains(UInt8(ascii: "?")) ? "&" : "?") + name + "=" + Self.encoded(value)
    }

    private static func encoded(_ text: String) -> String {
        var bytes: [UInt8] = []
        bytes.appendPercentEncoded(Array(text.utf8).span)
        return String(decoding: bytes, as: UTF8.self)
    }

    func request(to address: ServerAddress) -> ClientRequest {
        var request = ClientRequest(method, url: address.description + target, body: body)
        if method == .put || method == .post { request.headerLines = ["Content-Type: application/json"] }
        if let secret { request.headerLines.append("X-Cluster-Secret: \(secret)") }
        request.connectTimeoutMilliseconds = ControlLimits.connectTimeoutMilliseconds
        request.timeoutMilliseconds = timeoutMilliseconds
        request.maximumResponseBytes = ControlLimits.answerBytes
        return request
    }
}

// Tables.
extension Call {
    private static let tables = ["api", "v1", "tables"]

    static var listTables: Call { Call(.get, tables) }

    static func createTable(_ name: String) -> Call {
        var body = Array(#"{"name":"#.utf8)
        body.appendJSONString(name)
        body.append(UInt8(ascii: "}"))
        return Call(.post, tables, body: body)
    }

    /// Confirms the deletion, because the server deletes a table that has items only then.
    static func deleteTable(_ name: String) -> Call {
        var call = Call(.delete, tables + [name])
        call.addParameter("confirm", name)
        return call
    }

    static func count(_ table: String) -> Call {
        Call(.get, tables + [table, "count"])
    }
}

// Items.
extension Call {
    static func get(_ table: String, _ key: String, _ consistency: ConsistencyOption?) -> Call {
        item(.get, table, key, consistency)
    }

    static func put(_ table: String, _ key: String, _ item: [UInt8], _ consistency: ConsistencyOption?) -> Call {
        self.item(.put, table, key, consistency, body: item)
    }

    static func delete(_ table: String, _ key: String, _ consistency: ConsistencyOption?) -> Call {
        item(.delete, table, key, consistency)
    }

    private static func item(
        _ method: ClientMethod, _ table: String, _ key: String, _ consistency: ConsistencyOption?, body: [UInt8] = []
    ) -> Call {
        var call = Call(method, tables + [table, "items", key], body: body)
        call.addParameter("consistency", consistency?.rawValue)
        return call
    }

    static func scan(_ table: String, _ range: ScanRange) -> Call {
        var call = Call(.get, tables + [table, "items"])
        call.addParameter("prefix", range.prefix)
        call.addParameter("start", range.start)
        call.addParameter("end", range.end)
        call.addParameter("limit", range.limit.map { "\($0)" })
        call.addParameter("after", range.after)
        call.addParameter("reverse", range.reverse ? "true" : nil)
        call.addParameter("keys_only", range.keysOnly ? "true" : nil)
        call.timeoutMilliseconds = ControlLimits.scanTimeoutMilliseconds
        return call
    }
}

// The cluster.
extension Call {
    static var health: Call { Call(.get, ["api", "v1", "health"]) }
    static var ready: Call { Call(.get, ["readyz"]) }
    static var clusterStatus: Call { Call(.get, ["api", "v1", "cluster", "status"]) }
    static var clusterNodes: Call { Call(.get, ["api", "v1", "cluster", "nodes"]) }

    static func replicaNodes(_ table: String, _ key: String) -> Call {
        var call = Call(.get, ["api", "v1", "debug", "replica-nodes"])
        call.addParameter("table", table)
        call.addParameter("key", key)
        return call
    }

    static func hints(limit: Int?) -> Call {
        var call = Call(.get, ["api", "v1", "debug", "replication-backlog"])
        call.addParameter("limit", limit.map { "\($0)" })
        return call
    }

    /// Requests the spans that one node holds of one trace or of one client request.
    static func traces(_ subject: TraceSubject) -> Call {
        var call = Call(.get, ["api", "v1", "debug", "traces"])
        switch subject {
        case .trace(let id): call.addParameter("trace_id", id)
        case .request(let id): call.addParameter("request_id", id)
        }
        call.addParameter("limit", "\(ControlLimits.spans)")
        call.timeoutMilliseconds = ControlLimits.traceTimeoutMilliseconds
        return call
    }

    static func abortBootstrap(secret: String?) -> Call {
        admin("abandon-formation", Array("{}".utf8), secret)
    }

    static func acceptDataLoss(_ node: String, secret: String?) -> Call {
        var body = Array(#"{"node":"#.utf8)
        body.appendJSONString(node)
        body.append(UInt8(ascii: "}"))
        return admin("accept-data-loss", body, secret)
    }

    private static func admin(_ name: String, _ body: [UInt8], _ secret: String?) -> Call {
        var call = Call(.post, ["internal", "v1", "admin", name], body: body)
        call.secret = secret
        return call
    }
}

enum ConsistencyOption: String, CaseIterable {
    case strong, eventual
}

/// The part of a table that a scan returns. A nil value leaves the choice to the server.
struct ScanRange: Equatable {
    var prefix: String?
    var start: String?
    var end: String?
    var limit: Int?
    var after: String?
    var reverse = false
    var keysOnly = false
}
