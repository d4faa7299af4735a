@testable import Cluster
import Testing

@Suite struct CrowdedScanTests {
    /// Five nodes that know a table and hold each key three times: what waits for a peer concerns partitions then that
    /// this node has no part in.
    private func formed() throws -> (group: MemberGroup, member: ClusterNode, table: TableState) {
        let group = MemberGroup()
        group.addCluster(5)
        try group.startAll()
        group.run(milliseconds: 10_000)
        let member = try #require(group.nodes[0].member)
        let made = Answer<Coordinator.TableAnswer>()
        member.createTable(tableName("t"), trace: .none) { made.set($0) }
        group.settle()
        try #require(made.value == .done)
        return (group, member, try #require(member.catalog.state(of: tableName("t"))))
    }

    @Test("Three hundred scans begun at once through one node are all answered, and so is the creation of a table")
    func crowd() throws {
        let (group, member, table) = try formed()
        let pages = (0..<300).map { _ in Answer<Coordinator.PageAnswer>() }
        for page in pages { member.page(PageRequest(table: table), trace: .none) { page.set($0) } }
        let made = Answer<Coordinator.TableAnswer>()
        member.createTable(tableName("another"), trace: .none) { made.set($0) }
        member.endIteration()
        group.settle()
        #expect(pages.allSatisfy { $0.value == .page(Page(entries: [], next: nil)) })
        #expect(made.value == .done)
    }
}
