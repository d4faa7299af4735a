internal import Base

/// The preference list of each partition. Computed from the cluster record alone, so that every node computes the same
/// lists; a dead member keeps its partitions.
///
/// Capped rendezvous hashing: each partition, in order, takes the N members with the best scores among those that hold
/// fewer than 1.15 times the mean number of partitions, and then the best of the others if these are too few. The
/// primary is the best of the N that leads fewer than 1.15 times its share of partitions. The scores follow Thaler and
/// Ravishankar, "Using Name-Based Mappings to Increase Hit Rates" (1998), the cap Mirrokni, Thorup and Zadimoghaddam,
/// "Consistent Hashing with Bounded Loads" (2018).
package struct PreferenceLists: Sendable {
    private let lists: [[MemberIndex]]

    package init(record: ClusterRecord) {
        let names = record.members.map { Array($0.nodeID.utf8) }
        let replicas = record.quorums.replicas
        precondition(replicas <= names.count, "a record with \(replicas) replicas on \(names.count) members")
        let members = record.memberIndexes
        let holdsAtMost = Self.cap(shares: record.partitions * replicas, members: names.count)
        let leadsAtMost = Self.cap(shares: record.partitions, members: names.count)
        var held = Array(repeating: 0, count: names.count)
        var led = held
        lists = record.partitionIDs.map { partition in
            let ranking = Self.ranking(of: members, names, for: partition)
            var list = Self.choose(replicas, from: ranking) { held[$0] < holdsAtMost }
            let primary = list.firstIndex { led[$0] < leadsAtMost } ?? 0
            list.insert(list.remove(at: primary), at: 0)
            for member in list { held[member] += 1 }
            led[list[0]] += 1
            return list
        }
    }

    /// The N replicas of `partition`, the primary first.
    package func preferenceList(partition: PartitionID) -> [MemberIndex] { lists[partition] }

    package func preferenceList(for key: ItemKey) -> [MemberIndex] {
        lists[KeyPlace(key: key, partitions: lists.count).partition]
    }

    /// The limit of a member's share in capped rendezvous hashing: 1.15 times the mean share, rounded up. Integer
    /// arithmetic, because all nodes must compute the same value.
    private static func cap(shares: Int, members: Int) -> Int {
        (115 * shares + 100 * members - 1) / (100 * members)
    }

    private static func choose(
        _ count: Int, from ranking: [MemberIndex], below isBelowCap: (MemberIndex) -> Bool
    ) -> [MemberIndex] {
        let below = ranking.filter(isBelowCap).prefix(count)
        guard below.count < count else { return Array(below) }
        return Array(below) + ranking.filter { !isBelowCap($0) }.prefix(count - below.count)
    }

    /// The members ordered by their hash score for `partition`, highest first; members with equal scores in the order
    /// of the cluster record.
    private static func ranking(
        of members: [MemberIndex], _ names: [[UInt8]], for partition: PartitionID
    ) -> [MemberIndex] {
        let scores = names.map { name in
            var bytes: [UInt8] = []
            bytes.appendBigEndian(UInt32(partition.rawValue))
            bytes.append(contentsOf: name)
            return xxh3(bytes)
        }
        return members.sorted { (scores[$0], $1) > (scores[$1], $0) }
    }
}
