import Testing

@testable import Cluster

/// What a recorded request leaves behind: one tree over all nodes, every piece of which ends.
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

    private func words(_ node: Int) -> [String] { group.nodes[node].tracer.works.map(\.words) }

    @Test("A strong write is one tree: the coordinator's work, a call to each replica, and what that did")
    func write() throws {
        // So that every node knows the table.
        #expect(put(.none).value?.version != nil)
        #expect(put().value?.version != nil)
        let own = group.nodes[0].tracer
        #expect(words(0).first == "put strong")
        #expect(Set(words(0)) == ["put strong", "call 1 version", "call 1 put", "call 2 put", "write"])
        #expect(words(1) == ["serve node-1 version", "read", "serve node-1 put", "write"])
        #expect(words(2) == ["serve node-1 put", "write"])
        for tracer in group.nodes.map(\.tracer) { #expect(tracer.unfinished.isEmpty) }
        #expect(own.moments.map(\.0) == [
            .versionsKnown(answers: 1, required: 1), .quorumReached(acks: 2, required: 2),
        ])
        // Parents: the request, the coordinator's work, the call that was served.
        #expect(own.works[0].cause == Self.request)
        let root = own.works[0].id
        #expect(own.works.dropFirst().allSatisfy { $0.cause.spanID == root })
        let calls = Set(own.works.filter { $0.words.hasPrefix("call") }.map(\.id))
        for tracer in group.nodes.dropFirst().map(\.tracer) {
            for work in tracer.works where work.words.hasPrefix("serve") {
                #expect(calls.contains(work.cause.spanID))
                #expect(work.cause.requestID == Self.request.requestID && work.cause.traceLow == 2)
            }
        }
    }

    @Test("A strong read asks one replica for the item and tells from where it came")
    func read() throws {
        _ = put()
        #expect(get(at: 1).value != nil)
        let works = group.nodes[1].tracer.works.filter { !$0.words.hasPrefix("serve") }
        #expect(works.contains { $0.words == "get strong" && $0.end == .done })
        #expect(works.contains { $0.words == "read" && $0.end == .read(.memory) })
        for tracer in group.nodes.map(\.tracer) { #expect(tracer.unfinished.isEmpty) }
    }

    @Test("Of a request that is not recorded nothing is said on any node")
    func unrecorded() {
        let quiet = RequestTrace(requestID: Array("demo-2".utf8), traceHigh: 1, traceLow: 2, spanID: 3, traceFlags: 2)
        #expect(put(quiet).value?.version != nil)
        for tracer in group.nodes.map(\.tracer) { #expect(tracer.works.isEmpty && tracer.moments.isEmpty) }
    }

    @Test("A dead replica is named, its hint is a piece of work, and the replay is linked to the write")
    func hint() throws {
        group.nodes[2].isUp = false
        group.run(milliseconds: 15_000)
        #expect(put().value?.version != nil)
        let own = group.nodes[0].tracer
        #expect(own.moments.contains { $0.0 == .targetDown(2) })
        let hint = try #require(own.works.first { $0.words == "hint 2" })
        #expect(hint.end == .written(.committed, nil) && hint.cause.spanID == own.works[0].id)
        group.run(milliseconds: 10_000)
        #expect(own.links.isEmpty, "a look for hints that have grown old sends nothing")
        try group.start(group.nodes[2])
        group.run(milliseconds: 10_000)
        let links = try #require(own.links.first)
        #expect(links.map(\.spanID) == [own.works[0].id] && links.map(\.traceLow) == [2])
        let replay = try #require(own.works.first { $0.words == "replay to 2" })
        let call = try #require(own.works.last { $0.words == "call 2 put" })
        #expect(call.cause.spanID == replay.id && call.cause.traceHigh == 77)
        #expect(call.cause.requestID == Self.request.requestID, "the replica's lines name the request")
        #expect(replay.end == .done && own.unfinished.isEmpty)
    }

    @Test("A replica that does not answer ends its piece of work with the reason")
    func silence() throws {
        group.losesMessage = { to, _ in to == "node-3" }
        #expect(put().value?.version != nil)
        let call = try #require(group.nodes[0].tracer.works.first { $0.words == "call 2 put" })
        #expect(call.end == .unanswered(.timedOut))
        #expect(group.nodes[0].tracer.unfinished.isEmpty)
    }
}
