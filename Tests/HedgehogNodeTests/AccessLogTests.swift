import Foundation
import Testing

@testable import HedgehogNode

@Suite struct AccessLogTests {
    /// Starts a node with the given settings, runs `body` to send it requests, and returns the lines of its log. The
    /// log goes to a file, so that no thread has to read it meanwhile.
    private func log(_ settings: [Setting: String], _ body: (TestNode) throws -> Void) throws -> [String] {
        let path = NSTemporaryDirectory() + "log-" + UUID().uuidString
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let file = try #require(FileHandle(forWritingAtPath: path))
        let standard: [Setting: String] = [.accessLog: "all", .logLevel: "info", .slow: "0"]
        let node = try TestNode(standard.merging(settings) { $1 }, logDescriptor: file.fileDescriptor)
        try body(node)
        node.stop()
        try file.close()
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text.isEmpty || text.hasSuffix("\n"))
        return text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
    }

    private func objects(_ lines: [String]) throws -> [[String: Any]] {
        try lines.map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
        }
    }

    @Test("Each request is one log line with the request, the client and the outcome")
    func json() throws {
        let ids = ["X-Request-ID: mine", "X-Trace-ID: 0af7651916cd43dd8448eb211c80319c", "User-Agent: a \"test\""]
        let lines = try objects(
            log([.logFormat: "json"]) { node in
                let client = node.client()
                client.makeTable("t")
                _ = client.ask("PUT", "/api/v1/tables/t/items/k%0A", ids, Array(#"{"n":1}"#.utf8))
                _ = client.ask("GET", "/api/v1/tables/t/items/none?consistency=\"", ids)
            })
        #expect(lines.first?["msg"] as? String == "node started")
        let alone = "serving as a single node: N=1, one copy of each item"
        #expect(lines.contains { $0["msg"] as? String == alone && $0["n"] as? Int == 1 })
        #expect(lines.first?["boot"] as? Int == 1)
        #expect(lines.last?["msg"] as? String == "stopped")
        let requests = lines.filter { $0["msg"] as? String == "request" }
        #expect(requests.count == 3)
        let put = try #require(requests.dropFirst().first)
        let expected: [String: String] = [
            "level": "info", "node_id": "node-1", "request_id": "mine", "trace_id": "0af7651916cd43dd8448eb211c80319c",
            "method": "PUT", "path": "/api/v1/tables/t/items/k%0A", "operation": "put_item", "table": "t",
            "user_agent": "a \"test\"",
        ]
        for (name, value) in expected { #expect(put[name] as? String == value, "\(name)") }
        #expect(put["status"] as? Int == 200)
        #expect(put["bytes_in"] as? Int ?? 0 > 100)
        #expect(put["bytes_out"] as? Int == #"{"key":"k\n","message":"item saved"}"#.utf8.count + 1)
        #expect((put["peer"] as? String)?.hasPrefix("127.0.0.1:") == true)
        #expect((put["ts"] as? String)?.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z/) != nil)
        #expect(put["duration_ms"] as? Double ?? -1 >= 0)
        #expect(put["error"] == nil)
        let get = try #require(requests.last)
        #expect(get["status"] as? Int == 400)
        #expect(get["error"] as? String == #"consistency: """ was given; strong or eventual is allowed"#)
    }

    @Test("Nothing that a client sends can start a new log line", arguments: ["json", "text"])
    func hostile(format: String) throws {
        let agent = "HTTP/1.1\r\nHost: a\r\nUser-Agent: b\u{85}\u{2028}\"c\" status=200"
        let attempts: [(request: String, operations: [String])] = [
            ("GET /a%0Aforged?\"\\n\" \(agent)\r\n\r\n", ["unknown"]),
            ("GET /livez?forged%0D%0A \(agent)\r\n\r\nforged\nforged\r\n\r\n", ["health", "invalid"]),
            ("GET /\u{1B}[31mforged\u{85} \(agent)\r\n\r\n", ["invalid"]),
            ("GET / \(agent)\u{0}\r\n\r\n", ["invalid"]),
            ("forged\rforged\nforged\r\n\r\n", ["invalid"]),
        ]
        let lines = try log([.logFormat: format]) { node in
            for attempt in attempts {
                let client = node.client()
                client.send(attempt.request)
                for _ in attempt.operations { _ = client.receive() }
            }
        }
        let operations = lines.compactMap { $0.firstMatch(of: /operation["=:]+([a-z]+)/).map { String($0.1) } }
        #expect(operations == attempts.flatMap(\.operations))
        let own = ["started", "--sync", "serving", "stopping", "stopped"]
        #expect(lines.count == operations.count + own.count, "\(lines)")
        #expect(!lines.contains { $0.hasPrefix("forged") })
        #expect(!lines.contains { line in line.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F } })
        if format == "json" { _ = try objects(lines) }
    }

    @Test("Only the requests that the access-log setting selects are logged", arguments: [
        ("all", ["200", "404", "400"]), ("errors", ["400"]), ("sampled:0", ["400"]), ("off", []),
    ])
    func policy(policy: String, statuses: [String]) throws {
        let lines = try log([.accessLog: policy, .logFormat: "text", .logLevel: "error"]) { node in
            let client = node.client()
            for target in ["/livez", "/nowhere", "/api/v1/tables/a%20b"] { _ = client.get(target) }
        }
        #expect(lines.compactMap { $0.firstMatch(of: /status=(\d+)/).map { String($0.1) } } == statuses)
        #expect(lines.count == statuses.count)
    }

    @Test("Probes and scrapes that succeed are left out of the access log if that is set", arguments: ["on", "off"])
    func probes(setting: String) throws {
        let probes = ["/readyz", "/livez", "/api/v1/health", "/metrics", "/api/v1/metrics", "/sd/prometheus"]
        let others = ["/", "/api/v1/tables", "/nowhere"]
        let lines = try objects(
            log([.accessLogProbes: setting, .logFormat: "json"]) { node in
                let client = node.client()
                for target in probes + others { _ = client.get(target) }
                _ = client.ask("HEAD", "/readyz")
                _ = client.ask("POST", "/metrics")
            })
        let requests = lines.filter { $0["msg"] as? String == "request" }.compactMap { $0["path"] as? String }
        // A probe that is refused, such as POST /metrics, is logged with either setting.
        #expect(requests == (setting == "on" ? probes + others + ["/readyz"] : others) + ["/metrics"])
    }

    @Test("A slow request has a second line that reports it as slow")
    func slow() throws {
        // Requests with the item of 1 MB take longer than the slow-request limit of 1 ms.
        let large = #"{"a":""# + String(repeating: "x", count: 1_000_000) + #""}"#
        let lines = try objects(
            log([.slow: "1", .accessLog: "errors", .logFormat: "json"]) { node in
                let client = node.client()
                client.makeTable("t")
                for _ in 1...5 { _ = client.put("/api/v1/tables/t/items/k", large) }
            })
        let slow = lines.filter { $0["msg"] as? String == "slow request" && $0["operation"] as? String == "put_item" }
        #expect(!slow.isEmpty)
        for line in slow {
            #expect(line["level"] as? String == "warn")
            #expect(line["duration_ms"] as? Double ?? 0 >= 1)
            let id = line["request_id"] as? String
            #expect(lines.contains { $0["msg"] as? String == "request" && $0["request_id"] as? String == id })
        }
    }
}
