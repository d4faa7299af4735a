@testable import Cluster
import Observability
import Reactor
import Testing

@testable import HedgehogNode

/// What spans say of requests and of the cluster's work, in which order, and where it comes from.
@Suite struct SpanSubjectTests {
    private static func shown(_ subject: some SpanSubject) -> [String] {
        var lines: [String] = []
        subject.forEachAttribute { key, value in
            let text = switch value {
            case .text(let text): text
            case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
            case .requestID(let id): id.text
            case .integer(let number): String(number)
            case .flag(let flag): String(flag)
            }
            lines.append("\(key)=\(text)")
        }
        return lines
    }

    private static func request(
        _ target: String, method: String = "GET", agent: String = "", peer: String = "127.0.0.1:5000",
        route: String? = nil, padding: Int = 0
    ) throws -> (AccessRecord, headBytes: Int) {
        let head = Array("\(method) \(target) HTTP/1.1\r\n\(agent)".utf8) + Array(repeating: 0x20, count: padding)
        let targetStart = method.utf8.count + 1
        let targetEnd = targetStart + target.utf8.count
        let requestID = RequestID(validating: Array("demo-1".utf8).span)
        let record = AccessRecord(
            wallNanoseconds: 1, method: head[..<(targetStart - 1)], target: head[targetStart..<targetEnd],
            userAgent: head[(targetEnd + 11)..<(targetEnd + 11 + agent.utf8.count)], route: route,
            operation: .getItem, table: "t", status: 200, durationNanoseconds: 5, bytesIn: 1, bytesOut: 2, peer: peer,
            requestID: try #require(requestID),
            traceID: try #require(TraceID(high: 1, low: 2)))
        return (record, head.count)
    }

    private static func node() throws -> ServingNode {
        ServingNode(nodeID: "node-1", address: try SocketAddress("127.0.0.1:8081"))
    }

    @Test("A request's span says what was asked, by whom, and what was answered")
    func request() throws {
        let (record, headBytes) = try Self.request(
            "/api/v1/tables/t/items/k?consistency=strong", agent: "curl/8", peer: "[::1]:77",
            route: "/api/v1/tables/{name}/items/{key}")
        let subject = RequestSubject(record, method: .get, minorVersion: 1, headBytes: headBytes, at: try Self.node())
        #expect(Self.shown(subject) == [
            "http.request.method=GET", "url.scheme=http", "url.path=/api/v1/tables/t/items/k",
            "url.query=consistency=strong", "http.route=/api/v1/tables/{name}/items/{key}",
            "hedgehog.operation=get_item", "network.protocol.version=1.1", "user_agent.original=curl/8",
            "http.response.status_code=200", "hedgehog.request_id=demo-1", "hedgehog.node_id=node-1",
            "server.address=127.0.0.1", "server.port=8081", "client.address=::1", "network.peer.address=::1",
            "network.peer.port=77",
        ])
        #expect(subject.isOf(requestID: Array("demo-1".utf8)) && !subject.isOf(requestID: Array("demo".utf8)))
    }

    @Test("What is not known is left out, and a method of nobody's is told as it came")
    func strange() throws {
        let (record, headBytes) = try Self.request("/x?", method: "BREW", peer: "unknown")
        let subject = RequestSubject(record, method: .other, minorVersion: 0, headBytes: headBytes, at: try Self.node())
        #expect(Self.shown(subject) == [
            "http.request.method=_OTHER", "http.request.method_original=BREW", "url.scheme=http", "url.path=/x",
            "url.query=", "hedgehog.operation=get_item", "network.protocol.version=1.0",
            "http.response.status_code=200", "hedgehog.request_id=demo-1", "hedgehog.node_id=node-1",
            "server.address=127.0.0.1", "server.port=8081",
        ])
    }

    @Test("Of a long head no more is kept than is shown", arguments: [100, 100_000])
    func long(padding: Int) throws {
        let path = "/" + String(repeating: "p", count: 3_000)
        let (record, headBytes) = try Self.request(path, agent: "curl/8", padding: padding)
        let subject = RequestSubject(record, method: .get, minorVersion: 1, headBytes: headBytes, at: try Self.node())
        #expect(subject.byteCount < 4_096)
        let shown = Self.shown(subject)
        #expect(shown.contains("url.path=" + path.prefix(ObservabilityLimits.logTargetBytes)))
        #expect(shown.contains("user_agent.original=curl/8"))
    }
}

// The cluster's work.
extension SpanSubjectTests {
    private static func table() throws -> TableState {
        TableState(
            name: try TableName(validating: Array("users".utf8)), generation: 1, isDeleted: false,
            createdAtMilliseconds: 0)
    }

    private static func key() throws -> ItemKey { try ItemKey(validating: Array("alice".utf8)) }

    private static let cause = RequestTrace(
        requestID: Array("demo-1".utf8), traceHigh: 1, traceLow: 2, spanID: 3, traceFlags: 1)

    private static func subject(_ work: ClusterWork, showsKeys: Bool = true) -> WorkSubject? {
        WorkSubject(work, for: cause, members: ["node-1", "node-2", "node-3"], showsKeys: showsKeys)
    }

    @Test("A coordinator's span names the item, its replicas in order, and what is required", arguments: [true, false])
    func coordinator(showsKeys: Bool) throws {
        let work = ClusterWork.coordinate(
            CoordinatedWork(
                kind: .put, table: try Self.table(), key: try Self.key(), consistency: .strong, replicas: [2, 0, 7],
                required: 2))
        let subject = try #require(Self.subject(work, showsKeys: showsKeys))
        #expect(Self.shown(subject) == [
            "db.system.name=hedgehogdb", "db.collection.name=users", "db.operation.name=put",
        ] + (showsKeys ? ["hedgehog.key=alice"] : []) + [
            "hedgehog.consistency=strong", "hedgehog.replicas=node-3,node-1,", "hedgehog.quorum.required=2",
        ])
        #expect(!subject.isOf(requestID: Self.cause.requestID))
    }

    @Test("Both ends of a call name each other and the request, and hold nothing of a large item")
    func calls() throws {
        let item = StoredItem(
            version: Version(clock: HybridTimestamp(rawValue: 1), writeID: 1), isTombstone: false,
            value: Array(repeating: 1, count: 1 << 20))
        let operation = PeerCall.Operation.put(try Self.table(), try Self.key(), item)
        let call = try #require(Self.subject(.call(operation, member: 1)))
        #expect(Self.shown(call) == [
            "hedgehog.target_node=node-2", "hedgehog.operation=put", "hedgehog.request_id=demo-1",
        ])
        let serve = try #require(Self.subject(.serve(operation, sender: "node-1")))
        #expect(Self.shown(serve) == [
            "hedgehog.source_node=node-1", "hedgehog.operation=put", "db.system.name=hedgehogdb",
            "db.collection.name=users", "hedgehog.key=alice", "hedgehog.request_id=demo-1",
        ])
        #expect(call.isOf(requestID: Self.cause.requestID) && serve.isOf(requestID: Self.cause.requestID))
        #expect(call.byteCount < 1_024 && serve.byteCount < 1_024)
    }

    @Test("Of the store's work there is its size, of a hint its target, of a look-up nothing")
    func store() throws {
        #expect(Self.shown(try #require(Self.subject(.writeStore(valueBytes: 9)))) == ["hedgehog.value_bytes=9"])
        #expect(Self.shown(try #require(Self.subject(.keepHint(target: 2)))) == ["hedgehog.target_node=node-3"])
        #expect(Self.subject(.readStore) == nil)
    }
}
