/// The replicas of one key: which members hold it, and the quorums of their cluster.
struct ReplicaSet {
    let table: TableState
    let key: ItemKey
    let partition: PartitionID
    /// The preference list of the partition: N members, the primary first.
    let members: [MemberIndex]
    let quorums: Quorums

    init(table: TableState, key: ItemKey, in roster: any Roster) {
        let record = roster.record
        self.table = table
        self.key = key
        partition = KeyPlace(key: key, partitions: record.partitions).partition
        members = roster.preferenceList(partition: partition)
        quorums = record.quorums
    }

    var tableID: TableID { table.id }

    func contains(_ member: MemberIndex) -> Bool { members.contains(member) }

    func members(except excluded: [MemberIndex]) -> [MemberIndex] {
        members.filter { !excluded.contains($0) }
    }

    /// How many replicas an operation waits for before it may answer its client.
    func required(for kind: ReceivedOperation.Kind, _ consistency: Consistency) -> Int {
        if consistency == .eventual { return 1 }
        return kind == .get ? quorums.read : quorums.write
    }

    /// Why an operation fails for lack of replicas: with a single replica, the failure of that replica; with several,
    /// the missing quorum.
    func tooFewReplicas(_ last: String?) -> Unavailable.Reason {
        if quorums.replicas == 1, let last { return .storage(last) }
        return .tooFewReplicas(last: last)
    }
}
