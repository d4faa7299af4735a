import Cluster
import Testing

@Suite struct PreferenceListsTests {
    private func record(members: Int, replicas: Int = 3, partitions: Int = 256) throws -> ClusterRecord {
        let names = (1...members).map { "node-\($0)" as NodeID }.sorted()
        return ClusterRecord(
            clusterID: ClusterID(high: 1, low: 1), epoch: 1,
            members: names.map { .init(nodeID: $0, storeID: StoreID(high: 0, low: 7)) },
            quorums: try Quorums(replicas: replicas, members: members), partitions: partitions,
            gcGraceMilliseconds: 1, hintWindowMilliseconds: 1)
    }

    private func lists(_ record: ClusterRecord) -> [[MemberIndex]] {
        let placement = PreferenceLists(record: record)
        return record.partitionIDs.map { placement.preferenceList(partition: $0) }
    }

    @Test("The busiest of 3, 5, 10 and 20 members holds at most 1.2 times the mean", arguments: [3, 5, 10, 20])
    func balance(members: Int) throws {
        #expect(busiest(lists(try record(members: members)), of: members) <= 1.2)
    }

    @Test("The busiest primary of 3, 5, 10 and 20 members leads at most 1.25 times the mean", arguments: [3, 5, 10, 20])
    func primaries(members: Int) throws {
        #expect(busiest(lists(try record(members: members)).map { [$0[0]] }, of: members) <= 1.25)
    }

    /// Returns how many preference lists contain the member that occurs most often, as a multiple of the mean over all
    /// members.
    private func busiest(_ lists: [[MemberIndex]], of members: Int) -> Double {
        let chosen = lists.flatMap { $0 }
        let most = (0..<members).map { member in chosen.count { $0.rawValue == member } }.max() ?? 0
        return Double(most * members) / Double(chosen.count)
    }

    @Test("Every partition has N different members", arguments: [(1, 3), (2, 3), (3, 3), (7, 5), (20, 3)])
    func distinct(members: Int, replicas: Int) throws {
        let expected = min(members, replicas)
        for list in lists(try record(members: members, replicas: replicas)) {
            #expect(list.count == expected)
            #expect(Set(list).count == expected)
            #expect(list.allSatisfy { (0..<members).contains($0.rawValue) })
        }
    }

    @Test("A key has the preference list of its partition")
    func keys() throws {
        let placement = PreferenceLists(record: try record(members: 5))
        for number in 0..<100 {
            let key = try ItemKey(validating: Array("key \(number)".utf8))
            let place = KeyPlace(key: key, partitions: 256)
            #expect(placement.preferenceList(for: key) == placement.preferenceList(partition: place.partition))
        }
    }

    @Test("The placement of a cluster of five members never changes")
    func frozen() throws {
        let lists = lists(try record(members: 5))
        #expect(lists.prefix(4) == [[0, 4, 3], [0, 1, 3], [2, 4, 0], [0, 1, 3]])
    }

    /// The expected shares of moved replicas are the figures of docs/membership.md, section "Placement".
    @Test("One more member moves its own share of the replicas and little else", arguments: [3, 4, 5, 9, 10, 19, 20])
    func moves(members: Int) throws {
        let before = try holders(record(members: members))
        let after = try holders(record(members: members + 1))
        let moved = zip(before, after).map { $1.subtracting($0).count }.reduce(0, +)
        let ideal = 1 / Double(members + 1)
        #expect((0.85 * ideal...1.1 * ideal).contains(Double(moved) / Double(256 * 3)))
    }

    private func holders(_ record: ClusterRecord) -> [Set<NodeID>] {
        lists(record).map { Set($0.map { record.members[$0].nodeID }) }
    }
}
