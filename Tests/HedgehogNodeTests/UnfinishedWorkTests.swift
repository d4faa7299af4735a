import Testing

@testable import HedgehogNode
#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A node stops with status 0, whatever it has not finished.
@Suite struct UnfinishedWorkTests {
    /// Each test stops a node of three while the third one accepts connections and never answers, so that messages to
    /// it are under way when the node's parts are released.
    @Test("A node that waits for a silent peer stops without a crash", arguments: [
        ("GET", "/api/v1/tables/t/items"), ("GET", "/api/v1/tables/t/items?limit=1&reverse=true"),
        ("GET", "/api/v1/tables/t/items/k?consistency=strong"), ("GET", "/api/v1/tables/t/items/k"),
        ("PUT", "/api/v1/tables/t/items/k?consistency=strong"), ("PUT", "/api/v1/tables/t/items/k"),
        ("DELETE", "/api/v1/tables/t/items/k?consistency=strong"), ("DELETE", "/api/v1/tables/t/items/k"),
        ("GET", "/api/v1/tables"), ("GET", "/api/v1/tables/t"), ("GET", "/api/v1/tables/t/count"),
        ("POST", "/api/v1/tables"), ("DELETE", "/api/v1/tables/t"), ("DELETE", "/api/v1/tables/t?confirm=t"),
        ("GET", "/api/v1/cluster/table-counts"), ("GET", "/api/v1/debug/replica-nodes?table=t&key=k"),
        ("POST", "/api/v1/debug/replay-hints/node-3"),
    ])
    func silentPeer(method: String, target: String) async {
        await #expect(processExitsWith: .success) { [method, target] in
            let cluster = try TestCluster(of: 3, [
                .failureTimeout: "60000", .operationTimeout: "60000", .replicaTimeout: "60000",
                .shutdownTimeout: "50ms",
            ])
            cluster.client(0).makeTable("t")
            try #require(cluster.client(0).put("/api/v1/tables/t/items/k?consistency=strong")?.status == 200)
            let port = try #require(cluster.nodes[2]?.port)
            cluster.stop(2)
            try listenSilently(on: port)
            let clients = (0..<20).map { _ in cluster.client(0) }
            let body = Array((method == "POST" ? #"{"name":"made"}"# : method == "PUT" ? "{}" : "").utf8)
            for client in clients { client.send(TestClient.request(method, target, [], body)) }
            // The node answers /livez only after it has passed the earlier requests to the cluster.
            try #require(cluster.client(0).get("/livez")?.status == 200)
            cluster.stop(0)
            cluster.stop(1)
        }
    }

    @Test("A node that compares its data with silent peers, or recovers from them, stops without a crash", arguments: [
        "anti-entropy", "recovery", "second signal",
    ])
    func repair(kind: String) async {
        await #expect(processExitsWith: .success) { [kind] in
            let cluster = try TestCluster(of: 3, [
                .failureTimeout: "60000", .operationTimeout: "60000", .replicaTimeout: "60000",
                .antiEntropyInterval: "100", .shutdownTimeout: kind == "second signal" ? "1h" : "50ms",
            ])
            cluster.client(0).makeTable("t")
            for number in 0..<100 { _ = cluster.client(0).put("/api/v1/tables/t/items/\(number)") }
            if kind == "recovery" { cluster.stop(0) }
            for index in [1, 2] {
                let port = try #require(cluster.nodes[index]?.port)
                cluster.stop(index)
                try listenSilently(on: port)
            }
            if kind == "recovery" { try cluster.start(0, afresh: true) }
            let scan = cluster.client(0)
            scan.send(TestClient.request("GET", "/api/v1/tables/t/items"))
            try #require(cluster.client(0).get("/livez")?.status == 200)
            usleep(200_000)
            if kind == "second signal" {
                cluster.nodes[0]?.tellToStop()
                while cluster.client(0).get("/livez") != nil {}
            }
            cluster.stop(0)
        }
    }

    @Test("A node whose bootstrap waits for a silent peer stops without a crash")
    func bootstrap() async {
        await #expect(processExitsWith: .success) {
            let seed = try listenSilently(on: 0)
            let node = try TestNode([
                .bootstrapExpect: "2", .seedNodes: "127.0.0.1:\(seed)", .heartbeatInterval: "50",
                .shutdownTimeout: "50ms",
            ])
            try #require(node.client().get("/livez")?.status == 200)
            node.stop()
        }
    }

    @Test("A node that reads, checks, writes and exports stops without a crash", arguments: ["1ms", "20ms", "300ms"])
    func everyKind(timeout: String) async {
        await #expect(processExitsWith: .success) { [timeout] in
            let collector = try listenSilently(on: 0)
            let node = try TestNode([.shutdownTimeout: timeout], environment: [
                "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:\(collector)", "OTEL_BSP_SCHEDULE_DELAY": "10",
            ])
            let client = node.client()
            client.makeTable("t")
            let item = #"{"a":""# + String(repeating: "x", count: 900_000) + #""}"#
            for number in 0..<10 { try #require(client.put("/api/v1/tables/t/items/\(number)", item)?.status == 200) }
            let requests = [
                TestClient.request("GET", "/api/v1/tables/t/items"), Array("GET /api/v1/tables/t/it".utf8),
                Array("PUT /api/v1/tables/t/items/half HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n{".utf8),
                TestClient.request("PUT", "/api/v1/tables/t/items/large", [], Array(item.utf8)),
                TestClient.request("PUT", "/api/v1/tables/t/items/small?consistency=strong", [], Array("{}".utf8)),
                TestClient.request("DELETE", "/api/v1/tables/t/items/3"),
                TestClient.request("GET", "/api/v1/tables/t/items/4?consistency=strong"),
                TestClient.request("GET", "/metrics", ["Accept-Encoding: gzip"]),
                TestClient.request("POST", "/api/v1/tables", [], Array(#"{"name":"made"}"#.utf8)),
                TestClient.request("DELETE", "/api/v1/tables/t?confirm=t"), [],
            ]
            let clients = requests.flatMap { [$0, $0, $0] }.map { (node.client(), $0) }
            for (client, request) in clients { client.send(request) }
            node.stop()
            withExtendedLifetime(clients) {}
        }
    }
}

/// Accepts connections into the backlog and never reads from them. Returns the port, the kernel's choice if it is 0.
@discardableResult
private func listenSilently(on port: UInt16) throws -> UInt16 {
    #if os(Linux)
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    #else
    let descriptor = socket(AF_INET, SOCK_STREAM, 0)
    #endif
    var on: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let status = withUnsafePointer(to: address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
    try #require(status == 0)
    try #require(listen(descriptor, 1000) == 0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    _ = withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
    }
    return UInt16(bigEndian: address.sin_port)
}
