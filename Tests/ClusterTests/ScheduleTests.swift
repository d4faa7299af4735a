import Testing

@testable import Cluster

/// Schedules of sections 5 and 6 that break a promise where the rule is missing; those of other sections stand with
/// what they are about.
@Suite struct ScheduleTests {
    @Test("[A hand-off that times out and is retried elsewhere makes one write two] No frame bears another version")
    func timedOut() throws {
        let group = try ReplicaGroup(4, replicas: 3)
        group.lost = { $0.isWrite && $0.to == 0 ? .timedOut : nil }
        let written = try #require(group.put("a", at: 3).value?.version)
        group.lost = { _ in nil }
        group.advance(10_000)
        let sent = group.delivered.compactMap { $0.message.call.operation.written?.version }
        #expect(sent.count >= 2 && Set(sent) == [written])
        let held = group.nodes.compactMap { $0.store.item(ReplicaGroup.table.id, ReplicaGroup.key)?.version }
        #expect(Set(held) == [written])
    }

    @Test("[A silent resend on a dead connection makes one write two] The second copy of a frame changes nothing")
    func resent() throws {
        let group = try ReplicaGroup()
        _ = group.put("old")
        let frames = group.delivered.filter(\.message.isWrite)
        _ = group.put("new")
        for frame in frames {
            group.nodes[frame.message.to].replica.answer(frame.message.call, of: 0) { answer in
                guard case .superseded = answer else { return _ = Issue.record("\(answer)") }
            }
        }
        group.settle()
        #expect(group.values == ["new", "new", "new"])
    }

    @Test("[A receiver whose clock is 300 s ahead would drop every frame] It takes what comes, and so does one behind")
    func receiverAhead() throws {
        let group = try ReplicaGroup()
        group.nodes[1].clock.wallMilliseconds += 300_000
        group.nodes[2].clock.wallMilliseconds -= 300_000
        #expect(group.put("a").value?.version != nil)
        #expect(group.values == ["a", "a", "a"])
        #expect(!group.delivered.contains { $0.answer == .expired })
    }

    @Test("A frame without any time left is expired, and no replica has anything of it")
    func noTime() throws {
        let group = try ReplicaGroup()
        let item = StoredItem(
            version: Version(clock: HybridTimestamp(milliseconds: 5), writeID: 1), isTombstone: false, value: [1])
        let call = PeerCall(
            .put(ReplicaGroup.table, ReplicaGroup.key, item), remainingMilliseconds: 0, trace: .none)
        var answer: PeerAnswer?
        group.nodes[1].replica.answer(call, of: 0) { answer = $0 }
        #expect(answer == .expired)
        #expect(group.values == ["-", "-", "-"])
    }
}

extension PeerCall.Operation {
    fileprivate var written: StoredItem? {
        switch self {
        case .put(_, _, let item), .repair(_, _, let item): item
        default: nil
        }
    }
}
