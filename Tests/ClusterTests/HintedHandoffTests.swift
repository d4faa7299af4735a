import Testing

@testable import Cluster

extension ReplicaGroup {
    /// What one node keeps for others, by target: keys and what they get.
    fileprivate func hints(at node: Int = 0) -> [String] {
        nodes[node].store.state.hints.values.sorted { ($0.target, $0.place) < ($1.target, $1.place) }.map {
            "\($0.target) \(String(decoding: $0.write.key.bytes, as: UTF8.self)) "
                + ($0.write.item.isTombstone ? "x" : String(decoding: $0.write.item.value, as: UTF8.self))
        }
    }

    fileprivate func totals(_ target: MemberIndex, at node: Int = 0) -> HintTotals {
        nodes[node].store.hintTotals[target] ?? HintTotals()
    }

    /// A second, with everything that replay does in it, step by step.
    fileprivate func pass(_ milliseconds: UInt64, at node: Int = 0) {
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

@Suite struct HintKeepingTests {
    private let group: ReplicaGroup

    init() throws { group = try ReplicaGroup() }

    @Test("A dead replica gets a hint, and nothing is sent to it")
    func dead() {
        group.dead = [2]
        _ = group.put("a")
        #expect(group.hints() == ["2 k a"])
        #expect(!group.transcript.contains { $0.hasPrefix("0>2") })
        #expect(group.nodes[0].observer.events.contains(group.missed(2, .stored, .nodeDown)))
    }

    @Test("A replica that could not be reached, or of which it is not known, gets a hint", arguments: [
        PeerFailure.refused, .unreachable("far"), .timedOut, .broken("cut"), .rejected("stopping"),
    ])
    func failed(failure: PeerFailure) {
        group.lost = { $0.isWrite && $0.to == 2 ? failure : nil }
        _ = group.put("a")
        #expect(group.hints() == ["2 k a"])
    }

    @Test("A replica that took nothing of it gets a hint, whatever it said", arguments: [
        WriteResult.refused(.queueFull), .refused(.diskFull), .failed("sync"), .expired,
    ])
    func refused(result: WriteResult) {
        group.nodes[2].store.nextWriteResult = result
        _ = group.put("a")
        #expect(group.hints() == ["2 k a"])
    }

    @Test("A replica to which the write came too late gets a hint")
    func late() {
        // What is left of the deadline is the transport's to say: here the replica finds it used up.
        group.held = { $0.isWrite && $0.to == 2 }
        _ = group.put("a")
        group.held = { _ in false }
        group.lost = { $0.to == 2 ? .unreachable("timed out in the send queue") : nil }
        group.settle()
        #expect(group.hints() == ["2 k a"])
    }

    @Test("That a table is deleted needs no hint")
    func tableDeleted() {
        group.nodes[2].store.nextWriteResult = .tableDeleted
        _ = group.put("a")
        #expect(group.hints().isEmpty)
        #expect(group.totals(2) == HintTotals())
    }

    @Test("A write that no replica took leaves no hint behind")
    func nobody() throws {
        let group = try ReplicaGroup(4, replicas: 3)
        group.lost = { $0.isWrite ? .refused : nil }
        guard case .unavailable(let refused) = group.put("a", at: 3, .eventual).value else {
            return _ = Issue.record("no answer")
        }
        #expect(refused.outcome == .notApplied)
        #expect(group.hints(at: 3).isEmpty)
    }

    @Test("A hint waits until some replica has the write, and is kept then, though the client was answered long before")
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

    @Test("A node keeps no hint for itself")
    func itself() {
        group.nodes[0].store.nextWriteResult = .refused(.diskFull)
        _ = group.put("a", at: 0, .eventual)
        #expect(group.hints().isEmpty)
    }

    @Test("Of one key only the newest hint stays, and an older one that comes later changes nothing")
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

    @Test("Beyond the budget the new hint is not stored, and that is told; the old ones stay")
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
        // In the place of one as large there is room.
        _ = group.put("c")
        #expect(group.hints() == ["2 k c"])
    }

    @Test("The way of a tombstone is the same")
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

    @Test("When the target answers again it gets its hints within a second, and the account closes")
    func delivers() {
        group.dead = [2]
        _ = group.put("a")
        group.pass(3_000)
        #expect(group.hints() == ["2 k a"])
        group.dead = []
        group.pass(1_000)
        #expect(group.values == ["a", "a", "a"])
        #expect(group.hints().isEmpty)
        #expect((group.totals(2).stored, group.totals(2).delivered, group.totals(2).pendingBytes) == (1, 1, 0))
        #expect(group.replays.map { "\($0.puts) \($0.deletes) \($0.isComplete)" } == ["1 0 true"])
    }

    @Test("A target that has something newer already counts as one that got it")
    func newerThere() {
        group.dead = [2]
        _ = group.put("a")
        group.dead = []
        group.plant("newer", clock: group.nodes[0].clock.wallMilliseconds + 60_000, on: [2])
        group.pass(1_000)
        #expect(group.values == ["a", "a", "newer"])
        #expect(group.totals(2).delivered == 1)
    }

    @Test("[v12 replaces v11 in flight; the ack of v11 deletes v12] The newer hint stays, and is sent next")
    func inFlight() {
        group.dead = [2]
        _ = group.put("v11")
        group.dead = []
        group.held = { $0.isWrite && $0.to == 2 }
        group.pass(1_000)
        group.dead = [2]
        _ = group.put("v12")
        #expect(group.hints() == ["2 k v12"])
        group.dead = []
        group.release()
        #expect(group.hints() == ["2 k v12"], "the ack of v11 is none of v12's")
        group.pass(1_000)
        #expect(group.values == ["v12", "v12", "v12"])
        #expect(group.hints().isEmpty)
        let totals = group.totals(2)
        #expect((totals.stored, totals.superseded, totals.delivered, totals.pending) == (2, 1, 1, 0))
    }

    @Test("A hint older than the window is given up: by the wall clock, by uptime, target away", arguments: [
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
        group.pass(1_000)
        #expect(group.hints().isEmpty)
        #expect((group.totals(2).expired, group.totals(2).delivered) == (1, 0))
        #expect(group.values[2] == "-")
        #expect(group.replays.map(\.expired) == [1])
    }

    @Test("A wall clock set back does not keep a hint alive")
    func setBack() {
        group.dead = [2]
        _ = group.put("a")
        let node = group.nodes[0]
        node.clock.wallMilliseconds -= 3_600_000
        node.store.uptimeMilliseconds += node.calls.record.hintWindowMilliseconds
        group.dead = []
        group.pass(1_000)
        #expect(group.totals(2).expired == 1)
        #expect(group.values[2] == "-")
    }

    @Test("While the target is away young hints stay, and old ones go though others are young")
    func sweeps() {
        group.dead = [2]
        group.putMany(1)
        let node = group.nodes[0]
        node.clock.wallMilliseconds += node.calls.record.hintWindowMilliseconds - 2_000
        _ = group.put("young")
        // A sweep comes eight times a window.
        group.pass(40_000)
        #expect(group.hints() == ["2 k young"])
    }

    @Test("Hints of a deleted table are settled as superseded, whichever side knows", arguments: ["here", "there"])
    func deletedTable(side: String) {
        group.dead = [2]
        _ = group.put("a")
        group.dead = []
        let old = ReplicaGroup.table
        let gone = TableState(name: old.name, generation: 1, isDeleted: true, createdAtMilliseconds: 0)
        group.nodes[side == "here" ? 0 : 2].catalog.merge(gone)
        group.pass(1_000)
        #expect(group.hints().isEmpty)
        #expect((group.totals(2).superseded, group.totals(2).delivered) == (1, 0))
        #expect(group.putsDelivered == (side == "here" ? 0 : 1))
    }

    @Test("While clients are at work a page goes every 32 ms; else one follows the other", arguments: [true, false])
    func pace(isBusy: Bool) {
        group.dead = [2]
        group.putMany(100)
        group.dead = []
        if isBusy { group.busy = [0] }
        var sent: [Int] = []
        for _ in 0..<50 {
            group.pass(10)
            if sent.last != group.putsDelivered { sent.append(group.putsDelivered) }
        }
        let began = group.replays.first?.milliseconds
        #expect(sent == (isBusy ? [32, 64, 96, 100] : [100]))
        #expect(began.map { isBusy ? (90...200).contains($0) : $0 <= 10 } == true)
        #expect(group.hints().isEmpty)
    }

    @Test("Who came back is owed its hints until a walk has ended, and again when it has been away")
    func owed() {
        group.dead = [2]
        group.putMany(40)
        let pending = group.nodes[0].pendingHints
        #expect(pending.exist(for: 2) && !pending.exist(for: 1))
        group.dead = []
        // A walk that gets nowhere may be the first to a node that does not know us yet; the third is one too many, and
        // what it leaves behind is anti-entropy's too from then on.
        group.lost = { $0.isWrite && $0.to == 2 ? .timedOut : nil }
        #expect(pending.exist(for: 2), "the comparison that a returning node begins at once must wait")
        group.pass(1_500)
        #expect(pending.exist(for: 2))
        group.pass(2_500)
        #expect(!pending.exist(for: 2) && group.totals(2).pending == 40)
        // Nor in the moments in which what was left is tried again: the two timers may be in step.
        group.held = { $0.isWrite && $0.to == 2 }
        group.pass(2_000)
        #expect(!pending.exist(for: 2))
        group.release()
        pending.didRecover(2)
        #expect(pending.exist(for: 2))
        group.lost = { _ in nil }
        group.pass(1_000)
        #expect(!pending.exist(for: 2) && group.hints().isEmpty)
    }

    @Test("When the target stops answering the replay ends there, and goes on in the next second")
    func stops() {
        group.dead = [2]
        group.putMany(400)
        group.dead = []
        group.lost = { [group] message in
            message.isWrite && message.to == 2 && group.putsDelivered >= 128 ? .timedOut : nil
        }
        group.pass(900)
        #expect(group.putsDelivered == 128)
        #expect(group.hints().count == 272)
        #expect(group.replays.map(\.isComplete) == [false])
        group.lost = { _ in nil }
        group.pass(1_000)
        #expect(group.hints().isEmpty)
        #expect(group.totals(2).delivered == 400)
        #expect(group.replays.map(\.isComplete) == [false, true])
    }

    @Test("A hint that its target takes for too old does not stop those behind it")
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
        group.pass(1_000)
        let pending = group.totals(2).pending
        #expect((1..<100).contains(pending), "those of one partition of sixteen")
        #expect(group.totals(2).delivered == 400 - pending)
    }

    @Test("Nothing of a target that goes away between two pages is settled that it has not answered for")
    func dies() {
        group.dead = [2]
        group.putMany(400)
        group.dead = []
        group.busy = [0]
        group.pass(20)
        group.dead = [2]
        group.lost = { $0.to == 2 ? .refused : nil }
        group.pass(1_500)
        #expect(group.putsDelivered == 32)
        #expect(group.totals(2).pending == 368)
    }

    @Test("Hints are sent at once where an operator asks, and not to who is away or has none")
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

    @Test("A recovering target takes hints as it takes writes")
    func recovering() {
        group.dead = [2]
        _ = group.put("a")
        (group.dead, group.recovering) = ([], [2])
        group.pass(1_000)
        #expect(group.values[2] == "a")
        #expect(group.totals(2).delivered == 1)
    }

    @Test("A target that does not know its catalog yet takes none, and they stay")
    func withoutCatalog() {
        group.dead = [2]
        _ = group.put("a")
        (group.dead, group.recovering) = ([], [2])
        group.nodes[2].policy.knowsCatalog = false
        group.pass(1_000)
        #expect(group.values[2] == "-")
        #expect(group.hints() == ["2 k a"])
    }

    @Test("The request that a hint once served is named again when it is sent")
    func trace() throws {
        group.dead = [2]
        let trace = RequestTrace(requestID: Array("req-1".utf8), traceHigh: 1, traceLow: 2, spanID: 3, traceFlags: 1)
        group.nodes[0].coordinator.put(
            [0x61], ReplicaGroup.key, in: ReplicaGroup.table, .strong, trace: trace) { _ in }
        group.settle()
        group.dead = []
        group.pass(1_000)
        let replayed = try #require(group.delivered.last { $0.message.isWrite && $0.message.to == 2 })
        #expect(replayed.message.call.trace == trace.unrecorded, "nobody records here")
    }
}
