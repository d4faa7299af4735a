import Testing

@testable import Cluster

/// Hints among whole members, and what is shown of them.
@Suite struct MemberHintTests {
    private let group: MemberGroup

    init() throws {
        group = try MemberGroup.formed()
        // What heals shall be hints.
        group.stop(2)
        group.run(milliseconds: 12_000)
        for number in 0..<20 { try #require(group.write("a", "key-\(number)", at: 0)?.version != nil) }
    }

    private func pending(_ index: Int) -> [UInt64] { group.member(index).hints.map(\.totals.pending) }

    @Test("A member that was down gets what it missed soon after it is back")
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

    @Test("Hints survive the restart of the node that keeps them, with their account")
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

    @Test("They are listed for one other member, and sent at once when asked; of nobody else there are any")
    func shown() throws {
        var listed: [[Hint]?] = []
        #expect(group.member(0).hints(for: "node-3", limit: 5) { listed.append($0) })
        group.settle()
        #expect(listed.map { $0?.count } == [5])
        for stranger in ["node-1", "node-9"] as [NodeID] {
            #expect(!group.member(0).hints(for: stranger, limit: 5) { _ in Issue.record("\(stranger) has hints") })
            #expect(!group.member(0).replayHints(of: stranger))
        }
        #expect(group.member(0).replayHints(of: "node-3"), "it is a member, though nobody is there to send to")
        #expect(group.member(0).hints.map(\.nodeID) == ["node-2", "node-3"])
    }
}
