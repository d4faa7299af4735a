@testable import Cluster
import Testing

@Suite struct ConcurrentScanTests {
    /// A cluster of five nodes with N = 3 and one table. Node 0 is no replica of some partitions, so a scan through it
    /// needs calls to its peers.
    private func bootstrappedCluster() throws -> (group: MemberGroup, member: ClusterNode, table: TableState) {
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

    @Test("Three hundred concurrent scans through one node and a concurrent table creation are all answered")
    func concurrentScans() throws {
        let (group, member, table) = try bootstrappedCluster()
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
