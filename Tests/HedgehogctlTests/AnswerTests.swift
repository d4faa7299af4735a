import HTTPClient
@testable import hedgehogctl
import Testing

private func text<Answer: ServerAnswer>(_ json: String, as type: Answer.Type) throws -> String {
    try Answer(decodingJSON: json.utf8).text
}

@Suite struct AnswerTests {
    @Test("Tables stand in columns, and an unknown count is called so")
    func tables() throws {
        let json = """
            {"tables":[{"name":"orders","created_at":"2026-11-24T15:57:27.834Z","item_count":1234},
            {"name":"a","created_at":"2026-11-24T15:57:28.000Z","item_count":-1}]}
            """
        #expect(
            try text(json, as: TableList.self) == """
                TABLE     ITEMS  CREATED
                orders     1234  2026-11-24T15:57:27.834Z
                a       unknown  2026-11-24T15:57:28.000Z

                """)
        #expect(try text(#"{"tables":[]}"#, as: TableList.self) == "TABLE  ITEMS  CREATED\n")
    }

    @Test("A count says when it is not exact", arguments: [
        (#"{"count":7,"exact":true}"#, "7\n"), (#"{"count":7}"#, "7\n"),
        (#"{"count":7,"exact":false}"#, "7 (not exact: replicas differ just now)\n"),
    ])
    func count(json: String, expected: String) throws {
        #expect(try text(json, as: TableCount.self) == expected)
    }

    @Test("A cluster is told in a few lines and its members in columns")
    func cluster() throws {
        let json = """
            {"node_id":"node-1","bind_addr":"127.0.0.1:8081","replication_n":3,"read_quorum":2,"write_quorum":2,
            "total_nodes":3,"ring_size":256,"cluster_id":"c1","nodes":[
            {"id":"node-1","addr":"127.0.0.1:8081","status":0,"last_seen":"now"},
            {"id":"node-22","addr":"127.0.0.1:8082","status":1,"state":"suspected"},
            {"id":"node-3","addr":"127.0.0.1:8083","status":2,"last_seen":"then"}]}
            """
        #expect(
            try text(json, as: ClusterStatus.self) == """
                answered by  node-1 at 127.0.0.1:8081
                cluster      c1
                members      3
                replicas     3 of each item; strong reads ask 2, strong writes 2
                partitions   256

                NODE     ADDRESS         STATE      LAST SEEN
                node-1   127.0.0.1:8081  alive      now
                node-22  127.0.0.1:8082  suspected  never
                node-3   127.0.0.1:8083  dead       then

                """)
    }

    @Test("A cluster that is not formed says so, and where to look")
    func unformed() throws {
        let json = """
            {"node_id":"a","bind_addr":"h:1","formed":false,"replication_n":3,"read_quorum":2,"write_quorum":2,
            "expected_nodes":3,"total_nodes":2,"ring_size":256,"nodes":[]}
            """
        let text = try text(json, as: ClusterStatus.self)
        #expect(text.contains("members      not formed: 2 of 3 nodes are known; `hedgehogctl ready` says why\n"))
    }

    @Test("Where clocks are compared, each member's is shown")
    func clocks() throws {
        let json = """
            {"nodes":[{"id":"a","addr":"h:1","status":0,"last_seen":"now","clock_offset_ms":-12},
            {"id":"b","addr":"h:2","status":2}]}
            """
        #expect(
            try text(json, as: NodeList.self) == """
                NODE  ADDRESS  STATE  LAST SEEN  CLOCK
                a     h:1      alive  now        -12 ms
                b     h:2      dead   never      unknown

                """)
    }

    @Test("Hints pending and keys that differ have columns where a node tells of them")
    func healing() throws {
        let json = """
            {"nodes":[{"id":"a","addr":"h:1","status":0,"last_seen":"now"},
            {"id":"b","addr":"h:2","status":0,"last_seen":"now","hints_pending":12,"divergent_keys":3}]}
            """
        #expect(
            try text(json, as: NodeList.self) == """
                NODE  ADDRESS  STATE  LAST SEEN  HINTS  DIVERGENT
                a     h:1      alive  now        -      -
                b     h:2      alive  now        12     3

                """)
    }

    @Test("A cluster's status says how far a recovery is and why old deletes stay")
    func recovery() throws {
        let json = """
            {"node_id":"a","bind_addr":"h:1","formed":true,"replication_n":3,"read_quorum":2,"write_quorum":2,
            "expected_nodes":3,"total_nodes":3,"ring_size":256,
            "recovery":{"whole_partitions":3,"partitions":256,"explanation":"b: timed out"},
            "purge_blocked":{"count":7,"reason":"partition 4: c is dead"},"nodes":[]}
            """
        let text = try text(json, as: ClusterStatus.self)
        #expect(text.contains("recovery     3 of 256 partitions: b: timed out\n"))
        #expect(text.contains("purge        blocked in 7 partitions; partition 4: c is dead\n"))
    }

    @Test("A backlog is an account of each member, and a list where one was asked for")
    func backlog() throws {
        let json = """
            {"pending_per_node":{"node_b":2,"a":0},"accounts":{
            "a":{"stored":0,"delivered":0,"superseded":0,"expired":0,"pending":0,"pending_bytes":0},
            "node_b":{"stored":9,"delivered":4,"superseded":2,"expired":1,"pending":2,"pending_bytes":310}},
            "hints":{"a":[],"node_b":[
            {"table_name":"t","key":"k\\u001b","op":"put","timestamp":"then","version":"01"},
            {"table_name":null,"key":"l","op":"delete","timestamp":"now","version":"02"}]}}
            """
        let backlog = try HintBacklog(decodingJSON: json.utf8)
        #expect(
            backlog.text == """
                NODE    PENDING  BYTES  STORED  DELIVERED  SUPERSEDED  EXPIRED
                a             0      0       0          0           0        0
                node_b        2    310       9          4           2        1

                """)
        #expect(
            backlog.list == """
                FOR     OP      TABLE      KEY        STORED AT
                node_b  put     t          "k\\u001b"  then
                node_b  delete  (deleted)  l          now

                """)
        let bare = try HintBacklog(decodingJSON: #"{"pending_per_node":{"b":2},"hints":{}}"#.utf8)
        #expect(bare.text.hasSuffix("b           2  unknown  unknown    unknown     unknown  unknown\n"))
    }

    @Test("Replicas are listed once each, primary first, with what each holds")
    func replicas() throws {
        let json = """
            {"primary":"b","replicas":["a","b","c"],"versions":{"a":"01","b":"02","c":null}}
            """
        #expect(
            try text(json, as: ReplicaNodes.self) == """
                NODE  ROLE     VERSION
                b     primary  02
                a     replica  01
                c     replica  none

                """)
        #expect(
            try text(#"{"primary":"b","replicas":["b"]}"#, as: ReplicaNodes.self) == """
                NODE  ROLE     VERSION
                b     primary  unknown

                """)
    }

    @Test("Readiness lists each check in the order of its name")
    func readiness() throws {
        let json = #"{"status":"ready","checks":{"storage":{"ok":true},"disk":{"ok":false,"reason":"full"}}}"#
        #expect(
            try text(json, as: Readiness.self) == """
                ready

                CHECK    STATE
                disk     full
                storage  ok

                """)
    }

    @Test("An answer of something else is shown, in part and harmlessly", arguments: [
        ("<html>\n<body>502</body>", "the answer is not one of HedgehogDB: <html> <body>502</body>"),
        ("", "the answer is not one of HedgehogDB: it is empty"),
        ("\u{1B}[2J", "the answer is not one of HedgehogDB: \\u{1b}[2J"),
        (
            String(repeating: "x", count: 5_000),
            "the answer is not one of HedgehogDB: " + String(repeating: "x", count: 200)
        ),
    ])
    func strange(body: String, expected: String) {
        #expect(throws: ControlFailure.self) { try TableList(decodingJSON: body.utf8) }
        do {
            _ = try TableList(decodingJSON: body.utf8)
        } catch {
            #expect(error.description == expected)
        }
    }
}

@Suite struct FailureTests {
    @Test("A refusal is the server's own sentence, with the request to look for", arguments: [
        (#"{"error":"item not found","request_id":"r1","trace_id":"t"}"#, "item not found (request r1)"),
        (#"{"error":"no"}"#, "no"),
        (
            #"{"error":"no quorum","acks":1,"required":2,"outcome":"unknown","request_id":"r"}"#,
            "no quorum; outcome: unknown, 1 of 2 acks (request r)"
        ),
        (#"{"error":"\u001b[31mred"}"#, #"\u{1b}[31mred"#),
        ("<html>", "status 503, and not in HedgehogDB's words: does a proxy stand before the node?"),
    ])
    func refusal(body: String, expected: String) {
        #expect(ServerRefusal(status: 503, body: Array(body.utf8)).description == expected)
    }

    @Test("Nobody there: one sentence says where it was looked and how to look elsewhere")
    func unreachable() throws {
        let address = try ServerAddress(parsing: "http://127.0.0.1:9")
        let failure = ControlFailure.noAnswer(.refused, address: address, isWrite: true)
        #expect(
            failure.description == """
                no node answers at http://127.0.0.1:9 (connection refused; nothing listens on that port): \
                start one there, or name another by --url or HEDGEHOG_URL
                """)
    }

    @Test("Only a write that may have been sent is said to be perhaps done", arguments: [
        (ClientError.disconnected, true, true), (.timedOut(milliseconds: 1), true, true), (.disconnected, false, false),
        (.refused, true, false), (.badURL("x"), true, false),
    ])
    func unknownOutcome(error: ClientError, isWrite: Bool, isUnknown: Bool) throws {
        let address = try ServerAddress(parsing: ServerAddress.standard)
        let text = ControlFailure.noAnswer(error, address: address, isWrite: isWrite).description
        #expect(text.contains("may have been done") == isUnknown)
    }
}

@Suite struct PrintableTests {
    @Test("What a terminal would obey is written out", arguments: [
        ("plain é 🦔 text", "plain é 🦔 text"), ("a\u{1B}[0m", "a\\u{1b}[0m"), ("\r\n", "\\u{d}\\u{a}"),
        ("\u{9B}31m", "\\u{9b}31m"), ("\u{202E}abc", "\\u{202e}abc"), ("\u{7F}", "\\u{7f}"),
    ])
    func text(text: String, expected: String) {
        #expect(printable(text) == expected)
    }

    @Test("A key is itself unless it could be mistaken", arguments: [
        ("a b/c", "a b/c"), ("say \"x\"", "say \"x\""), ("a\\b", "a\\b"), ("\"a\"", "\"\\\"a\\\"\""), (" a", "\" a\""),
        ("a ", "\"a \""), ("a\tb", "\"a\\u0009b\""), ("\n\\", "\"\\u000a\\\\\""), ("\u{202E}", "\"\\u202e\""),
        ("", "\"\""),
    ])
    func key(key: String, expected: String) {
        #expect(printableKey(key) == expected)
    }
}
