import Testing

@testable import Cluster

/// Tombstone purges between running members with a gc-grace of one minute.
@Suite struct PurgerTests {
    private let group: MemberGroup

    init() throws {
        group = try MemberGroup.bootstrapped()
        _ = group.write("a", at: 0)
        _ = group.write(nil, at: 0)
        try #require(group.holds() == ["x", "x", "x"])
    }

    private var reasons: Set<String> {
        Set(group.nodes.filter(\.isUp).flatMap { $0.member?.blockedPurges.values.map(\.self) ?? [] })
    }

    @Test("A tombstone is purged from all replicas soon after gc-grace, and not before")
    func purges() {
        group.run(milliseconds: 59_000)
        #expect(group.holds() == ["x", "x", "x"])
        group.run(milliseconds: 20_000)
        #expect(group.holds() == ["-", "-", "-"])
        let events = group.nodes.flatMap(\.observer.events)
        #expect(events.count { if case .purged(_, 1) = $0 { true } else { false } } == 1)
        #expect(reasons.isEmpty)
        #expect(group.write("b", at: 2)?.version != nil)
        #expect((0..<3).map { group.read(at: $0) } == ["b", "b", "b"])
    }

    @Test("A dead replica blocks the purge with a reason, until it returns")
    func dead() throws {
        group.stop(2)
        group.run(milliseconds: 100_000)
        #expect(group.holds() == ["x", "x", "x"])
        #expect(reasons == ["node-3 is dead"])
        try group.restart(2)
        group.run(milliseconds: 30_000)
        #expect(group.holds() == ["-", "-", "-"])
        #expect(reasons.isEmpty)
    }

    @Test("A purge waits for a replica by whose clock gc-grace has not passed, even if the leader's clock is ahead")
    func slowClock() {
        // 10 s is less than a quarter of gc-grace, so this member's clock is not reported as too far from the median of
        // the members' clocks.
        group.nodes[2].clock.wallMilliseconds -= 10_000
        group.run(milliseconds: 62_000)
        #expect(group.holds() == ["x", "x", "x"])
        group.run(milliseconds: 30_000)
        #expect(group.holds() == ["-", "-", "-"])
    }

    @Test("A replica objects to a purge of tombstones younger than gc-grace by its own clock")
    func objects() throws {
        let policy = try #require(group.member(1).active?.replica.policy)
        let now = group.nodes[1].clock.wallMilliseconds
        let young = HybridTimestamp(milliseconds: now - 59_999)
        #expect(policy.objection(toPurging: young) == "by its clock, gc-grace has not passed")
        #expect(policy.objection(toPurging: HybridTimestamp(milliseconds: now - 60_000)) == nil)
    }

    @Test("A member whose clock is off the median by a quarter of gc-grace rejects client writes and blocks purges")
    func offMedian() throws {
        group.nodes[2].clock.wallMilliseconds += 20_000
        group.run(milliseconds: 3_000)
        #expect((0..<3).map { group.member($0).clockProblem == nil } == [true, true, false])
        guard case .unavailable(let refused)? = group.write("b", at: 2) else { return _ = Issue.record("accepted") }
        guard case .clock = refused.reason else { return _ = Issue.record("\(refused.reason)") }
        #expect(refused.outcome == .notApplied)
        #expect(group.write("b", "other", at: 1)?.version != nil, "as a replica it still stores writes")
        group.run(milliseconds: 90_000)
        #expect(group.holds() == ["x", "x", "x"])
        #expect(reasons.contains { $0.hasPrefix("node-3: the wall clock of node-3 is ") })
        group.nodes[2].clock.wallMilliseconds -= 20_000
        group.run(milliseconds: 30_000)
        #expect(group.holds() == ["-", "-", "-"])
    }

    @Test("A replica that missed the last step of a purge learns the mark by anti-entropy and purges up to it")
    func lagging() throws {
        // The third member promises to accept no writes below the purge mark, but never receives the call to purge.
        let isPurge: ([UInt8]) -> Bool = { bytes in
            guard let batch = try? CallBatch(decoding: bytes) else { return false }
            return batch.calls.contains { if case .purge = $0.operation { true } else { false } }
        }
        group.losesMessage = { to, bytes in to == "node-3" && isPurge(bytes) }
        let leader = group.member(0).replicas(of: group.nodes[0].store.partition(of: itemKey("k")))[0]
        try #require(leader != 2, "the test requires another leader")
        _ = group.run(until: { group.holds()[leader] == "-" }, atMost: 90_000)
        #expect(group.holds()[2] == "x")
        group.run(milliseconds: 12_000)
        #expect(group.holds() == ["-", "-", "-"])
        #expect(group.nodes[2].store.state.marks.values.contains { $0.purged.rawValue > 0 })
        #expect(Set(group.nodes.map { $0.store.state.marks.values.map(\.purged).max() }).count == 1)
    }
}
