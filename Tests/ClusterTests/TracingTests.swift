import Testing

@testable import Cluster

/// The spans of a sampled request: one tree over all nodes, each span of which ends.
@Suite struct TracingTests {
    private let group = MemberGroup()
    private static let request = RequestTrace(
        requestID: Array("demo-1".utf8), traceHigh: 1, traceLow: 2, spanID: 3, traceFlags: 1)

    init() throws {
        group.addCluster(3)
        try group.startAll()
        group.run(milliseconds: 5_000)
    }

    private func put(_ trace: RequestTrace = Self.request, at node: Int = 0) -> Answer<Coordinator.WriteAnswer> {
        let answer = Answer<Coordinator.WriteAnswer>()
        group.nodes[node].member?.put(
            [0x7B, 0x7D], table: ReplicaGroup.table, key: ReplicaGroup.key, consistency: .strong, trace: trace
        ) { answer.set($0) }
        group.nodes[node].member?.endIteration()
        group.settle()
        return answer
    }

    private func get(at node: Int) -> Answer<Coordinator.ReadAnswer> {
        let answer = Answer<Coordinator.ReadAnswer>()
        let now = group.nodes[node].member?.get(
            table: ReplicaGroup.table, key: ReplicaGroup.key, consistency: .strong, trace: Self.request
        ) { answer.set($0) }
        if let now { answer.set(now) }
        group.nodes[node].member?.endIteration()
        group.settle()
        return answer
    }

    private func spanNames(_ node: Int) -> [String] { group.nodes[node].tracer.spans.map(\.name) }

    @Test("A strong write has one tree of spans: the coordinator, a call to each replica, and the work of that replica")
    func write() throws {
        // A first write, so that every node knows the table.
        #expect(put(.none).value?.version != nil)
        #expect(put().value?.version != nil)
        let own = group.nodes[0].tracer
        #expect(spanNames(0).first == "put strong")
        #expect(Set(spanNames(0)) == ["put strong", "call 1 version", "call 1 put", "call 2 put", "write"])
        #expect(spanNames(1) == ["serve node-1 version", "read", "serve node-1 put", "write"])
        #expect(spanNames(2) == ["serve node-1 put", "write"])
        for tracer in group.nodes.map(\.tracer) { #expect(tracer.unfinished.isEmpty) }
        #expect(own.events.map(\.0) == [
            .versionsKnown(answers: 1, required: 1), .quorumReached(acks: 2, required: 2),
        ])
        // The parent of the coordinator's span is the client's request; that of each call span is the coordinator's
        // span; that of each serving span is the call that it serves.
        #expect(own.spans[0].cause == Self.request)
        let root = own.spans[0].id
        #expect(own.spans.dropFirst().allSatisfy { $0.cause.spanID == root })
        let calls = Set(own.spans.filter { $0.name.hasPrefix("call") }.map(\.id))
        for tracer in group.nodes.dropFirst().map(\.tracer) {
            for span in tracer.spans where span.name.hasPrefix("serve") {
                #expect(calls.contains(span.cause.spanID))
                #expect(span.cause.requestID == Self.request.requestID && span.cause.traceLow == 2)
            }
        }
    }

    @Test("A strong read has a span for the read of the item, with the source of the read")
    func read() throws {
        _ = put()
        #expect(get(at: 1).value != nil)
        let spans = group.nodes[1].tracer.spans.filter { !$0.name.hasPrefix("serve") }
        #expect(spans.contains { $0.name == "get strong" && $0.end == .done })
        #expect(spans.contains { $0.name == "read" && $0.end == .read(.memory) })
        for tracer in group.nodes.map(\.tracer) { #expect(tracer.unfinished.isEmpty) }
    }

    @Test("A request that is not sampled leaves no spans on any node")
    func unrecorded() {
        let quiet = RequestTrace(requestID: Array("demo-2".utf8), traceHigh: 1, traceLow: 2, spanID: 3, traceFlags: 2)
        #expect(put(quiet).value?.version != nil)
        for tracer in group.nodes.map(\.tracer) { #expect(tracer.spans.isEmpty && tracer.events.isEmpty) }
    }

    @Test("A dead replica is a span event, its hint has a span, and the hint's replay is linked to the write")
    func hint() throws {
        group.nodes[2].isUp = false
        group.run(milliseconds: 15_000)
        #expect(put().value?.version != nil)
        let own = group.nodes[0].tracer
        #expect(own.events.contains { $0.0 == .targetDown(2) })
        let hint = try #require(own.spans.first { $0.name == "hint 2" })
        #expect(hint.end == .written(.committed, nil) && hint.cause.spanID == own.spans[0].id)
        group.run(milliseconds: 10_000)
        #expect(own.links.isEmpty, "a pass that only expires hints has no span")
        try group.start(group.nodes[2])
        group.run(milliseconds: 10_000)
        let links = try #require(own.links.first)
        #expect(links.map(\.spanID) == [own.spans[0].id] && links.map(\.traceLow) == [2])
        let replay = try #require(own.spans.first { $0.name == "replay to 2" })
        let call = try #require(own.spans.last { $0.name == "call 2 put" })
        #expect(call.cause.spanID == replay.id && call.cause.traceHigh == 77)
        #expect(call.cause.requestID == Self.request.requestID, "the replica logs the request id of the write")
        #expect(replay.end == .done && own.unfinished.isEmpty)
    }

    @Test("The span of a call without an answer ends with the reason")
    func silence() throws {
        group.losesMessage = { to, _ in to == "node-3" }
        #expect(put().value?.version != nil)
        let call = try #require(group.nodes[0].tracer.spans.first { $0.name == "call 2 put" })
        #expect(call.end == .unanswered(.timedOut))
        #expect(group.nodes[0].tracer.unfinished.isEmpty)
    }
}
