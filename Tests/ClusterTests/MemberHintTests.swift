import Testing

@testable import Cluster

/// Tests of hinted handoff between running members, and of the list of hints that a node reports.
@Suite struct MemberHintTests {
    private let group: MemberGroup

    init() throws {
        group = try MemberGroup.bootstrapped()
        // Node 2 is down while node 0 writes, so that node 0 stores hints for it.
        group.stop(2)
        group.run(milliseconds: 12_000)
        for number in 0..<20 { try #require(group.write("a", "key-\(number)", at: 0)?.version != nil) }
    }

    private func pending(_ index: Int) -> [UInt64] { group.member(index).hints.map(\.totals.pending) }

    @Test("A member that was down receives the writes it missed soon after it returns")
    func delivers() throws {
        #expect(pending(0) == [0, 20])
        try group.restart(2)
        let took = group.run(
            until: { group.nodes[2].store.state.items == group.nodes[0].store.state.items }, atMost: 10_000)
        #expect(took.map { $0 <= 3_000 } == true, "\(String(describing: took))")
        group.run(milliseconds: 1_000)
        #expect(pending(0) == [0, 0])
        #expect(group.member(0).hints.map(\.totals.delivered) == [0, 20])
    }

    @Test("Hints and their totals survive a restart of the node that stores them")
    func survive() throws {
        try group.restart(0)
        group.run(milliseconds: 2_000)
        #expect(pending(0) == [0, 20])
        group.stop(1)
        try group.restart(2)
        group.run(milliseconds: 5_000)
        #expect(group.nodes[2].store.state.items == group.nodes[0].store.state.items)
        #expect(group.member(0).hints.map(\.totals.delivered) == [0, 20])
    }

    @Test("Hints are listed and replayed on request for another member, and for no other node id")
    func shown() throws {
        var listed: [[Hint]?] = []
        #expect(group.member(0).hints(for: "node-3", limit: 5) { listed.append($0) })
        group.settle()
        #expect(listed.map { $0?.count } == [5])
        for nodeID in ["node-1", "node-9"] as [NodeID] {
            #expect(!group.member(0).hints(for: nodeID, limit: 5) { _ in Issue.record("\(nodeID) has hints") })
            #expect(!group.member(0).replayHints(of: nodeID))
        }
        #expect(group.member(0).replayHints(of: "node-3"), "the request is accepted although the member is dead")
        #expect(group.member(0).hints.map(\.nodeID) == ["node-2", "node-3"])
    }
}
