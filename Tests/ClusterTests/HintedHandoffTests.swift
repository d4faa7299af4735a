import Testing

@testable import Cluster

extension ReplicaGroup {
    /// The hints that a node stores, as "target key value", where "x" stands for a tombstone.
    fileprivate func hints(at node: Int = 0) -> [String] {
        nodes[node].store.state.hints.values.sorted { ($0.target, $0.place) < ($1.target, $1.place) }.map {
            "\($0.target) \(String(decoding: $0.write.key.bytes, as: UTF8.self)) "
                + ($0.write.item.isTombstone ? "x" : String(decoding: $0.write.item.value, as: UTF8.self))
        }
    }

    fileprivate func totals(_ target: MemberIndex, at node: Int = 0) -> HintTotals {
        nodes[node].store.hintTotals[target] ?? HintTotals()
    }

    /// Advances the time in steps of 10 ms, and ticks the hinted handoff of one node after each.
    fileprivate func tickHandoff(_ milliseconds: UInt64, at node: Int = 0) {
        for _ in 0..<(milliseconds / 10) {
            advance(10)
            nodes[node].handoff.tick()
            settle()
        }
    }

    fileprivate func putMany(_ count: Int) {
        for number in 0..<count {
            nodes[0].coordinator.put(
                [0x61], itemKey("key-\(number)"), in: Self.table, .eventual, trace: .none) { _ in }
        }
        settle()
    }

    fileprivate var putsDelivered: Int { delivered.count { $0.message.isWrite && $0.message.to == 2 } }

    fileprivate var replays: [ClusterEvent.Replayed] {
        nodes[0].observer.events.compactMap { if case .replayed(let replayed) = $0 { replayed } else { nil } }
    }
}

@Suite struct HintStoringTests {
    private let group: ReplicaGroup

    init() throws { group = try ReplicaGroup() }

    @Test("A write to a dead replica is stored as a hint, and nothing is sent")
    func dead() {
        group.dead = [2]
        _ = group.put("a")
        #expect(group.hints() == ["2 k a"])
        #expect(!group.transcript.contains { $0.hasPrefix("0>2") })
        #expect(group.nodes[0].observer.events.contains(group.missed(2, .stored, .nodeDown)))
    }

    @Test("A write that failed on its way to a replica is stored as a hint", arguments: [
        PeerFailure.refused, .unreachable("far"), .timedOut, .broken("cut"), .rejected("stopping"),
    ])
    func failed(failure: PeerFailure) {
        group.lost = { $0.isWrite && $0.to == 2 ? failure : nil }
        _ = group.put("a")
        #expect(group.hints() == ["2 k a"])
    }

    @Test("A write that a replica did not store is stored as a hint, whatever the reason", arguments: [
        WriteResult.refused(.queueFull), .refused(.diskFull), .failed("sync"), .expired,
    ])
    func refused(result: WriteResult) {
        group.nodes[2].store.nextWriteResult = result
        _ = group.put("a")
        #expect(group.hints() == ["2 k a"])
    }

    @Test("A write that reached a replica too late is stored as a hint")
    func late() {
        // The transport reports that the remaining time of the operation passed while its message waited in the send
        // queue.
        group.held = { $0.isWrite && $0.to == 2 }
        _ = group.put("a")
        group.held = { _ in false }
        group.lost = { $0.to == 2 ? .unreachable("timed out in the send queue") : nil }
        group.settle()
        #expect(group.hints() == ["2 k a"])
    }

    @Test("A write to a deleted table is not stored as a hint")
    func tableDeleted() {
        group.nodes[2].store.nextWriteResult = .tableDeleted
        _ = group.put("a")
        #expect(group.hints().isEmpty)
        #expect(group.totals(2) == HintTotals())
    }

    @Test("A write that no replica stored leaves no hint")
    func noHolder() throws {
        let group = try ReplicaGroup(4, replicas: 3)
        group.lost = { $0.isWrite ? .refused : nil }
        guard case .unavailable(let refused) = group.put("a", at: 3, .eventual).value else {
            return _ = Issue.record("no answer")
        }
        #expect(refused.outcome == .notApplied)
        #expect(group.hints(at: 3).isEmpty)
    }

    @Test("A hint is stored only when some replica holds the write, even if the client was answered before")
    func waits() throws {
        let group = try ReplicaGroup()
        group.dead = [2]
        group.held = { $0.isWrite }
        let answer = group.put("a")
        #expect(group.hints().isEmpty)
        group.advance(5_000)
        guard case .unavailable(let refused) = answer.value else { return _ = Issue.record("no answer") }
        #expect(refused.outcome == .unknown)
        group.release()
        #expect(group.hints() == ["2 k a"])
    }

    @Test("A node stores no hint for itself")
    func noHintForSelf() {
        group.nodes[0].store.nextWriteResult = .refused(.diskFull)
        _ = group.put("a", at: 0, .eventual)
        #expect(group.hints().isEmpty)
    }

    @Test("For one key only the newest hint is kept, and an older one is ignored")
    func newest() {
        group.dead = [2]
        for value in ["a", "b", "c"] { _ = group.put(value) }
        #expect(group.hints() == ["2 k c"])
        #expect((group.totals(2).stored, group.totals(2).superseded, group.totals(2).pending) == (3, 2, 1))
        let version = Version(clock: HybridTimestamp(milliseconds: 1), writeID: 1)
        group.nodes[0].handoff.keep(
            StoredItem(version: version, isTombstone: false, value: [0x7A]), of: group.replicas(at: 0), for: 2,
            missedBecause: .failure, trace: .none)
        group.settle()
        #expect(group.hints() == ["2 k c"])
        #expect(group.totals(2).stored == 3)
    }

    @Test("A hint beyond the budget is not stored and is reported as lost; the stored ones stay")
    func budget() throws {
        group.dead = [2]
        _ = group.put("a")
        group.nodes[0].store.hintBudgetBytes = group.totals(2).pendingBytes
        group.nodes[0].coordinator.put([0x62], itemKey("other"), in: ReplicaGroup.table, .strong, trace: .none) {
            #expect($0.version != nil)
        }
        group.settle()
        #expect(group.hints() == ["2 k a"])
        #expect(group.nodes[0].observer.events.contains(group.missed(2, .lost(.budget), .nodeDown)))
        // A hint of the same size for the same key fits, because it replaces the old one.
        _ = group.put("c")
        #expect(group.hints() == ["2 k c"])
    }

    @Test("A missed delete is stored as a hint with a tombstone")
    func tombstone() {
        group.plant("a", clock: 1, on: [0, 1, 2])
        group.dead = [2]
        _ = group.delete()
        #expect(group.hints() == ["2 k x"])
    }
}

@Suite struct HintReplayTests {
    private let group: ReplicaGroup

    init() throws { group = try ReplicaGroup() }

    @Test("A target that is alive again receives its hints within a second, and the totals balance")
    func delivers() {
        group.dead = [2]
        _ = group.put("a")
        group.tickHandoff(3_000)
        #expect(group.hints() == ["2 k a"])
        group.dead = []
        group.tickHandoff(1_000)
        #expect(group.values == ["a", "a", "a"])
        #expect(group.hints().isEmpty)
        #expect((group.totals(2).stored, group.totals(2).delivered, group.totals(2).pendingBytes) == (1, 1, 0))
        #expect(group.replays.map { "\($0.puts) \($0.deletes) \($0.isComplete)" } == ["1 0 true"])
    }

    @Test("A hint whose target holds a newer version counts as delivered")
    func newerThere() {
        group.dead = [2]
        _ = group.put("a")
        group.dead = []
        group.plant("newer", clock: group.nodes[0].clock.wallMilliseconds + 60_000, on: [2])
        group.tickHandoff(1_000)
        #expect(group.values == ["a", "a", "newer"])
        #expect(group.totals(2).delivered == 1)
    }

    @Test("[v12 replaces v11 in flight; the ack of v11 deletes v12] The newer hint stays and is sent next")
    func inFlight() {
        group.dead = [2]
        _ = group.put("v11")
        group.dead = []
        group.held = { $0.isWrite && $0.to == 2 }
        group.tickHandoff(1_000)
        group.dead = [2]
        _ = group.put("v12")
        #expect(group.hints() == ["2 k v12"])
        group.dead = []
        group.release()
        #expect(group.hints() == ["2 k v12"], "the ack of v11 does not settle v12")
        group.tickHandoff(1_000)
        #expect(group.values == ["v12", "v12", "v12"])
        #expect(group.hints().isEmpty)
        let totals = group.totals(2)
        #expect((totals.stored, totals.superseded, totals.delivered, totals.pending) == (2, 1, 1, 0))
    }

    @Test("A hint older than the window expires: by wall clock, by uptime, with a dead target", arguments: [
        "wall", "uptime", "away",
    ])
    func expires(clock: String) {
        group.dead = [2]
        _ = group.put("a")
        let node = group.nodes[0]
        let window = node.calls.record.hintWindowMilliseconds
        switch clock {
        case "wall": node.clock.wallMilliseconds += window + 1
        case "uptime": node.store.uptimeMilliseconds += window + 1
        default: node.clock.monotonicMilliseconds += window
            node.clock.wallMilliseconds += window
        }
        if clock != "away" { group.dead = [] }
        group.tickHandoff(1_000)
        #expect(group.hints().isEmpty)
        #expect((group.totals(2).expired, group.totals(2).delivered) == (1, 0))
        #expect(group.values[2] == "-")
        #expect(group.replays.map(\.expired) == [1])
    }

    @Test("A wall clock that is set back does not keep a hint from expiring")
    func setBack() {
        group.dead = [2]
        _ = group.put("a")
        let node = group.nodes[0]
        node.clock.wallMilliseconds -= 3_600_000
        node.store.uptimeMilliseconds += node.calls.record.hintWindowMilliseconds
        group.dead = []
        group.tickHandoff(1_000)
        #expect(group.totals(2).expired == 1)
        #expect(group.values[2] == "-")
    }

    @Test("While the target is dead old hints expire and young hints stay")
    func sweeps() {
        group.dead = [2]
        group.putMany(1)
        let node = group.nodes[0]
        node.clock.wallMilliseconds += node.calls.record.hintWindowMilliseconds - 2_000
        _ = group.put("young")
        // Expired hints are swept eight times per hint window.
        group.tickHandoff(40_000)
        #expect(group.hints() == ["2 k young"])
    }

    @Test("Hints of a deleted table are superseded, whichever side knows of it", arguments: ["here", "there"])
    func deletedTable(side: String) {
        group.dead = [2]
        _ = group.put("a")
        group.dead = []
        let old = ReplicaGroup.table
        let gone = TableState(name: old.name, generation: 1, isDeleted: true, createdAtMilliseconds: 0)
        group.nodes[side == "here" ? 0 : 2].catalog.merge(gone)
        group.tickHandoff(1_000)
        #expect(group.hints().isEmpty)
        #expect((group.totals(2).superseded, group.totals(2).delivered) == (1, 0))
        #expect(group.putsDelivered == (side == "here" ? 0 : 1))
    }

    @Test("A page of hints is sent every 32 ms during client requests, otherwise at once", arguments: [true, false])
    func pace(isBusy: Bool) {
        group.dead = [2]
        group.putMany(100)
        group.dead = []
        if isBusy { group.busy = [0] }
        var sent: [Int] = []
        for _ in 0..<50 {
            group.tickHandoff(10)
            if sent.last != group.putsDelivered { sent.append(group.putsDelivered) }
        }
        let began = group.replays.first?.milliseconds
        #expect(sent == (isBusy ? [32, 64, 96, 100] : [100]))
        #expect(began.map { isBusy ? (90...200).contains($0) : $0 <= 10 } == true)
        #expect(group.hints().isEmpty)
    }

    @Test("A returning target has pending hints until a replay pass ends, and again after its next recovery")
    func pendingHints() {
        group.dead = [2]
        group.putMany(40)
        let pending = group.nodes[0].pendingHints
        #expect(pending.exist(for: 2) && !pending.exist(for: 1))
        group.dead = []
        // A failed replay pass of hints may be the first one to a node that does not know this node yet, so it makes
        // anti-entropy wait. After the third failed pass anti-entropy no longer waits.
        group.lost = { $0.isWrite && $0.to == 2 ? .timedOut : nil }
        #expect(pending.exist(for: 2), "the anti-entropy session that a returning node starts must wait")
        group.tickHandoff(1_500)
        #expect(pending.exist(for: 2))
        group.tickHandoff(2_500)
        #expect(!pending.exist(for: 2) && group.totals(2).pending == 40)
        // Retries of hints after the third failed replay pass do not make anti-entropy wait either, because the retry
        // timer and the anti-entropy timer may be in step.
        group.held = { $0.isWrite && $0.to == 2 }
        group.tickHandoff(2_000)
        #expect(!pending.exist(for: 2))
        group.release()
        pending.didRecover(2)
        #expect(pending.exist(for: 2))
        group.lost = { _ in nil }
        group.tickHandoff(1_000)
        #expect(!pending.exist(for: 2) && group.hints().isEmpty)
    }

    @Test("A replay pass stops when the target does not answer, and the next pass continues a second later")
    func stops() {
        group.dead = [2]
        group.putMany(400)
        group.dead = []
        group.lost = { [group] message in
            message.isWrite && message.to == 2 && group.putsDelivered >= 128 ? .timedOut : nil
        }
        group.tickHandoff(900)
        #expect(group.putsDelivered == 128)
        #expect(group.hints().count == 272)
        #expect(group.replays.map(\.isComplete) == [false])
        group.lost = { _ in nil }
        group.tickHandoff(1_000)
        #expect(group.hints().isEmpty)
        #expect(group.totals(2).delivered == 400)
        #expect(group.replays.map(\.isComplete) == [false, true])
    }

    @Test("A hint that its target rejects as expired does not stop the following hints")
    func tooOld() {
        group.dead = [2]
        group.putMany(400)
        group.dead = []
        for node in [0, 2] {
            let first = group.nodes[0].store.state.hints.values.map(\.place).min()
            let partition = group.nodes[node].store.partition(of: first?.key ?? ReplicaGroup.key)
            group.nodes[node].store.state.marks[partition] = PurgeMark(
                promised: HybridTimestamp(milliseconds: group.nodes[0].clock.wallMilliseconds + 1), purged: .never)
        }
        group.tickHandoff(1_000)
        let pending = group.totals(2).pending
        #expect((1..<100).contains(pending), "those of one partition of sixteen")
        #expect(group.totals(2).delivered == 400 - pending)
    }

    @Test("Hints that a target has not acknowledged stay pending when it dies between two pages")
    func dies() {
        group.dead = [2]
        group.putMany(400)
        group.dead = []
        group.busy = [0]
        group.tickHandoff(20)
        group.dead = [2]
        group.lost = { $0.to == 2 ? .refused : nil }
        group.tickHandoff(1_500)
        #expect(group.putsDelivered == 32)
        #expect(group.totals(2).pending == 368)
    }

    @Test("An operator can start a replay at once, but not to a dead target or one without hints")
    func now() {
        #expect(!group.nodes[0].handoff.replayNow(2))
        group.dead = [2]
        _ = group.put("a")
        #expect(!group.nodes[0].handoff.replayNow(2))
        group.dead = []
        #expect(group.nodes[0].handoff.replayNow(2))
        group.settle()
        #expect(group.values[2] == "a")
    }

    @Test("A recovering target accepts hints like writes")
    func recovering() {
        group.dead = [2]
        _ = group.put("a")
        (group.dead, group.recovering) = ([], [2])
        group.tickHandoff(1_000)
        #expect(group.values[2] == "a")
        #expect(group.totals(2).delivered == 1)
    }

    @Test("A target that does not know its catalog yet rejects hints, and they stay pending")
    func withoutCatalog() {
        group.dead = [2]
        _ = group.put("a")
        (group.dead, group.recovering) = ([], [2])
        group.nodes[2].policy.knowsCatalog = false
        group.tickHandoff(1_000)
        #expect(group.values[2] == "-")
        #expect(group.hints() == ["2 k a"])
    }

    @Test("A replayed hint carries the request id of its write")
    func trace() throws {
        group.dead = [2]
        let trace = RequestTrace(requestID: Array("req-1".utf8), traceHigh: 1, traceLow: 2, spanID: 3, traceFlags: 1)
        group.nodes[0].coordinator.put(
            [0x61], ReplicaGroup.key, in: ReplicaGroup.table, .strong, trace: trace) { _ in }
        group.settle()
        group.dead = []
        group.tickHandoff(1_000)
        let replayed = try #require(group.delivered.last { $0.message.isWrite && $0.message.to == 2 })
        #expect(replayed.message.call.trace == trace.unrecorded, "the trace is not sampled")
    }
}
