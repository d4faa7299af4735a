import HTTPClient
@testable import hedgehogctl
import Testing

private func text<Answer: ServerAnswer>(_ json: String, as type: Answer.Type) throws -> String {
    try Answer(decodingJSON: json.utf8).text
}

@Suite struct AnswerTests {
    @Test("Tables are printed in columns, and an unknown count is printed as unknown")
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

    @Test("An inexact count is marked as not exact", arguments: [
        (#"{"count":7,"exact":true}"#, "7\n"), (#"{"count":7}"#, "7\n"),
        (#"{"count":7,"exact":false}"#, "7 (not exact: the replicas are not in sync)\n"),
    ])
    func count(json: String, expected: String) throws {
        #expect(try text(json, as: TableCountAnswer.self) == expected)
    }

    @Test("The cluster status is a few lines of facts and its members in columns")
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
                replicas     3 per item; read quorum 2, write quorum 2
                partitions   256

                NODE     ADDRESS         STATE      LAST SEEN
                node-1   127.0.0.1:8081  alive      now
                node-22  127.0.0.1:8082  suspected  never
                node-3   127.0.0.1:8083  dead       then

                """)
    }

    @Test("The status of a cluster in bootstrap says so and names the command that prints the reasons")
    func bootstrapProgress() throws {
        let json = """
            {"node_id":"a","bind_addr":"h:1","formed":false,"replication_n":3,"read_quorum":2,"write_quorum":2,
            "expected_nodes":3,"total_nodes":2,"ring_size":256,"nodes":[]}
            """
        let text = try text(json, as: ClusterStatus.self)
        #expect(
            text.contains(
                "members      bootstrap not complete: 2 of 3 nodes known; `hedgehogctl ready` prints the reasons\n"))
    }

    @Test("Clock offsets have a column if the node reports any")
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

    @Test("Pending hints and divergent keys have columns if the node reports any")
    func repairColumns() throws {
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

    @Test("The cluster status shows the progress of a recovery and the reason why tombstones are not purged")
    func recovery() throws {
        let json = """
            {"node_id":"a","bind_addr":"h:1","formed":true,"replication_n":3,"read_quorum":2,"write_quorum":2,
            "expected_nodes":3,"total_nodes":3,"ring_size":256,
            "recovery":{"whole_partitions":3,"partitions":256,"explanation":"b: timed out"},
            "purge_blocked":{"count":7,"reason":"partition 4: c is dead"},"nodes":[]}
            """
        let text = try text(json, as: ClusterStatus.self)
        #expect(text.contains("recovery     3 of 256 partitions recovered: b: timed out\n"))
        #expect(text.contains("purge        blocked in 7 partitions: partition 4: c is dead\n"))
    }

    @Test("A hint backlog is one line of counts for each member, and a list of hints if requested")
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

    @Test("Each replica is listed once, the primary first, with the version it holds")
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

    @Test("Readiness checks are listed in the order of their names")
    func readiness() throws {
        let json = #"{"status":"ready","checks":{"storage":{"ok":true},"disk":{"ok":false,"reason":"full"}}}"#
        #expect(
            try text(json, as: ReadinessAnswer.self) == """
                ready

                CHECK    STATE
                disk     full
                storage  ok

                """)
    }

    @Test("The beginning of an invalid answer is shown, with control characters escaped", arguments: [
        ("<html>\n<body>502</body>", "<html> <body>502</body>"), ("", "it is empty"), ("\u{1B}[2J", "\\u{1b}[2J"),
        (String(repeating: "x", count: 5_000), String(repeating: "x", count: 200)),
    ])
    func invalid(body: String, shown: String) {
        let expected =
            "the answer is not a HedgehogDB answer: \(shown); check that --url or HEDGEHOG_URL names a node"
        #expect(throws: ControlFailure.self) { try TableList(decodingJSON: body.utf8) }
        do {
            _ = try TableList(decodingJSON: body.utf8)
        } catch {
            #expect(error.description == expected)
        }
    }
}

@Suite struct FailureTests {
    @Test("An error answer is printed as the server's sentence with the request id", arguments: [
        (#"{"error":"item not found","request_id":"r1","trace_id":"t"}"#, "item not found (request r1)"),
        (#"{"error":"no"}"#, "no"),
        (
            #"{"error":"no quorum","acks":1,"required":2,"outcome":"unknown","request_id":"r"}"#,
            "no quorum; outcome: unknown, 1 of 2 acks (request r)"
        ),
        (#"{"error":"\u001b[31mred"}"#, #"\u{1b}[31mred"#),
        ("<html>", "status 503 with a body that is not a HedgehogDB error; check for a proxy in between"),
    ])
    func refusal(body: String, expected: String) {
        #expect(ServerRefusal(status: 503, body: Array(body.utf8)).description == expected)
    }

    @Test("An unreachable node is reported with its address and with the way to name another")
    func unreachable() throws {
        let address = try ServerAddress(parsing: "http://127.0.0.1:9")
        let failure = ControlFailure.noAnswer(.refused, address: address, isWrite: true)
        #expect(
            failure.description == """
                no node answers at http://127.0.0.1:9 (\(ClientError.refused)): \
                start one there, or name another with --url or HEDGEHOG_URL
                """)
    }

    @Test("Only a write that may have been sent is reported as possibly applied", arguments: [
        (ClientError.disconnected, true, true), (.timedOut(milliseconds: 1), true, true), (.disconnected, false, false),
        (.refused, true, false), (.badURL("x"), true, false),
    ])
    func unknownOutcome(error: ClientError, isWrite: Bool, isUnknown: Bool) throws {
        let address = try ServerAddress(parsing: ServerAddress.standard)
        let text = ControlFailure.noAnswer(error, address: address, isWrite: isWrite).description
        #expect(text.contains("may have been applied") == isUnknown)
    }
}

@Suite struct PrintableTests {
    @Test("Characters that a terminal interprets are escaped", arguments: [
        ("plain é 🦔 text", "plain é 🦔 text"), ("a\u{1B}[0m", "a\\u{1b}[0m"), ("\r\n", "\\u{d}\\u{a}"),
        ("\u{9B}31m", "\\u{9b}31m"), ("\u{202E}abc", "\\u{202e}abc"), ("\u{7F}", "\\u{7f}"),
    ])
    func text(text: String, expected: String) {
        #expect(printable(text) == expected)
    }

    @Test("A key is printed unchanged unless it is ambiguous, then as a JSON string", arguments: [
        ("a b/c", "a b/c"), ("say \"x\"", "say \"x\""), ("a\\b", "a\\b"), ("\"a\"", "\"\\\"a\\\"\""), (" a", "\" a\""),
        ("a ", "\"a \""), ("a\tb", "\"a\\u0009b\""), ("\n\\", "\"\\u000a\\\\\""), ("\u{202E}", "\"\\u202e\""),
        ("", "\"\""),
    ])
    func key(key: String, expected: String) {
        #expect(printableKey(key) == expected)
    }
}
