@testable import Cluster
import Observability
import Reactor
import Testing

@testable import HedgehogNode

/// The attributes of spans for requests and cluster work: their values, their order and their sources.
@Suite struct SpanAttributeSourceTests {
    private static func attributes(_ source: some SpanAttributeSource) -> [String] {
        var lines: [String] = []
        source.forEachAttribute { key, value in
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

    @Test("The span of a request describes the request, the client and the response")
    func request() throws {
        let (record, headBytes) = try Self.request(
            "/api/v1/tables/t/items/k?consistency=strong", agent: "curl/8", peer: "[::1]:77",
            route: "/api/v1/tables/{name}/items/{key}")
        let source = RequestAttributes(record, method: .get, minorVersion: 1, headBytes: headBytes, at: try Self.node())
        #expect(Self.attributes(source) == [
            "http.request.method=GET", "url.scheme=http", "url.path=/api/v1/tables/t/items/k",
            "url.query=consistency=strong", "http.route=/api/v1/tables/{name}/items/{key}",
            "hedgehog.operation=get_item", "network.protocol.version=1.1", "user_agent.original=curl/8",
            "http.response.status_code=200", "hedgehog.request_id=demo-1", "hedgehog.node_id=node-1",
            "server.address=127.0.0.1", "server.port=8081", "client.address=::1", "network.peer.address=::1",
            "network.peer.port=77",
        ])
        #expect(source.belongs(toRequest: Array("demo-1".utf8)) && !source.belongs(toRequest: Array("demo".utf8)))
    }

    @Test("Unknown values are left out, and an unknown method is recorded as received")
    func strange() throws {
        let (record, headBytes) = try Self.request("/x?", method: "BREW", peer: "unknown")
        let source = RequestAttributes(
            record, method: .other, minorVersion: 0, headBytes: headBytes, at: try Self.node())
        #expect(Self.attributes(source) == [
            "http.request.method=_OTHER", "http.request.method_original=BREW", "url.scheme=http", "url.path=/x",
            "url.query=", "hedgehog.operation=get_item", "network.protocol.version=1.0",
            "http.response.status_code=200", "hedgehog.request_id=demo-1", "hedgehog.node_id=node-1",
            "server.address=127.0.0.1", "server.port=8081",
        ])
    }

    @Test("Only the shown parts of a long request head are kept", arguments: [100, 100_000])
    func long(padding: Int) throws {
        let path = "/" + String(repeating: "p", count: 3_000)
        let (record, headBytes) = try Self.request(path, agent: "curl/8", padding: padding)
        let source = RequestAttributes(record, method: .get, minorVersion: 1, headBytes: headBytes, at: try Self.node())
        #expect(source.byteCount < 4_096)
        let attributes = Self.attributes(source)
        #expect(attributes.contains("url.path=" + path.prefix(ObservabilityLimits.logTargetBytes)))
        #expect(attributes.contains("user_agent.original=curl/8"))
    }
}

// MARK: Cluster work
extension SpanAttributeSourceTests {
    private static func table() throws -> TableState {
        TableState(
            name: try TableName(validating: Array("users".utf8)), generation: 1, isDeleted: false,
            createdAtMilliseconds: 0)
    }

    private static func key() throws -> ItemKey { try ItemKey(validating: Array("alice".utf8)) }

    private static let cause = RequestTrace(
        requestID: Array("demo-1".utf8), traceHigh: 1, traceLow: 2, spanID: 3, traceFlags: 1)

    private static func source(_ work: ClusterWork, showsKeys: Bool = true) -> ClusterWorkAttributes? {
        ClusterWorkAttributes(work, for: cause, members: ["node-1", "node-2", "node-3"], showsKeys: showsKeys)
    }

    @Test("The span of a coordinator has the item, its replicas in order and the required quorum", arguments: [
        true, false,
    ])
    func coordinator(showsKeys: Bool) throws {
        let work = ClusterWork.coordinate(
            CoordinatedWork(
                kind: .put, table: try Self.table(), key: try Self.key(), consistency: .strong, replicas: [2, 0, 7],
                required: 2))
        let source = try #require(Self.source(work, showsKeys: showsKeys))
        #expect(Self.attributes(source) == [
            "db.system.name=hedgehogdb", "db.collection.name=users", "db.operation.name=put",
        ] + (showsKeys ? ["hedgehog.key=alice"] : []) + [
            "hedgehog.consistency=strong", "hedgehog.replicas=node-3,node-1,", "hedgehog.quorum.required=2",
        ])
        #expect(!source.belongs(toRequest: Self.cause.requestID))
    }

    @Test("Both spans of a call have the peer and the request id, and keep nothing of a large item")
    func calls() throws {
        let item = StoredItem(
            version: Version(clock: HybridTimestamp(rawValue: 1), writeID: 1), isTombstone: false,
            value: Array(repeating: 1, count: 1 << 20))
        let operation = PeerCall.Operation.put(try Self.table(), try Self.key(), item)
        let call = try #require(Self.source(.call(operation, member: 1)))
        #expect(Self.attributes(call) == [
            "hedgehog.target_node=node-2", "hedgehog.operation=put", "hedgehog.request_id=demo-1",
        ])
        let serve = try #require(Self.source(.serve(operation, sender: "node-1")))
        #expect(Self.attributes(serve) == [
            "hedgehog.source_node=node-1", "hedgehog.operation=put", "db.system.name=hedgehogdb",
            "db.collection.name=users", "hedgehog.key=alice", "hedgehog.request_id=demo-1",
        ])
        #expect(call.belongs(toRequest: Self.cause.requestID) && serve.belongs(toRequest: Self.cause.requestID))
        #expect(call.byteCount < 1_024 && serve.byteCount < 1_024)
    }

    @Test("A store write has its size, a hint its target, and a store read has no attributes")
    func store() throws {
        #expect(Self.attributes(try #require(Self.source(.writeStore(valueBytes: 9)))) == ["hedgehog.value_bytes=9"])
        #expect(Self.attributes(try #require(Self.source(.keepHint(target: 2)))) == ["hedgehog.target_node=node-3"])
        #expect(Self.source(.readStore) == nil)
    }
}
