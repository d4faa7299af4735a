
/// The rules that decide which calls a replica may answer now, given its recovery and its peers.
protocol ReplicaPolicy: AnyObject {
    var partitions: Int { get }
    /// Whether the replica may answer reads. False while it recovers a lost disk: it stores writes and does not report
    /// what it holds.
    var votes: Bool { get }
    /// Whether the replica accepts writes. False after a disk loss until it has fetched the table catalogs: it could
    /// take a deleted table for a new one.
    var takesWrites: Bool { get }
    /// Whether this node's table catalog is complete. False until a recovering node has fetched the catalogs of other
    /// members, and after a start until a peer has confirmed that the disk was not rolled back.
    var knowsCatalog: Bool { get }
    /// The partitions that this node and another member both hold, in ascending order.
    func sharedPartitions(with member: MemberIndex) -> [PartitionID]
    /// Whether hints of this node are pending for a member.
    func hasPendingHints(for member: MemberIndex) -> Bool
    /// Why this replica objects to a purge of tombstones up to `mark` now; nil when it does not object.
    func objection(toPurging mark: HybridTimestamp) -> String?
}

extension Replica {
    /// Returns the leaf digests of partitions, for a peer whose roots differ.
    func leaves(of partitions: [PartitionID]) -> PeerAnswer {
        guard partitions.allSatisfy({ $0.index < policy.partitions }) else {
            return .refused("there are \(policy.partitions) partitions")
        }
        return .leaves(partitions.map { store.leaves(of: $0, isRecovering: !policy.votes) })
    }

    /// Reads a page of one leaf's rows.
    func list(_ request: LeafRequest, completion: @escaping (PeerAnswer) -> Void) {
        guard request.place.partition.index < policy.partitions else {
            return completion(.refused("there are \(policy.partitions) partitions"))
        }
        store.list(request) { result in
            switch result {
            case .success(let list): completion(.rows(list))
            case .failure(let error): completion(PeerAnswer(error))
            }
        }
    }

    /// Compares the digest of a peer with this replica's: the start of an anti-entropy session.
    func compare(_ digest: TreeDigest, with sender: MemberIndex) -> PeerAnswer {
        // A table that only one of the two replicas knows would make all partitions differ, so gossip has to distribute
        // the table before.
        guard digest.catalog == catalog.catalog.digest else { return .refused("the table catalogs differ") }
        // The pending hints bring most rows that the peer misses, and an anti-entropy session would transfer them a
        // second time.
        if policy.hasPendingHints(for: sender) { return .refused("hints are pending for it") }
        let roots = sharedRoots(with: sender)
        return .roots(TreeDigest(ofRoots: roots, catalog: digest.catalog) == digest ? nil : roots)
    }

    /// The roots of the partitions that this node and another member both hold, in partition order.
    func sharedRoots(with member: MemberIndex) -> [UInt64] {
        let roots = store.roots
        return policy.sharedPartitions(with: member).map { store.root(of: $0, roots) }
    }

    /// Durably promises that this replica rejects late writes up to `mark`, unless `ReplicaPolicy` objects to a purge
    /// up to that mark.
    func promise(_ mark: HybridTimestamp, of partition: PartitionID, completion: @escaping (PeerAnswer) -> Void) {
        guard partition.index < policy.partitions else { return completion(.refused("there is no such partition")) }
        if let why = policy.objection(toPurging: mark) { return completion(.refused(why)) }
        store.submit(promise: mark, partition: partition) { completion(PeerAnswer($0)) }
    }

    /// Purges the tombstones of a partition up to `mark`. Requires that this replica has promised the mark before;
    /// otherwise it is not certain that all replicas hold these tombstones.
    func purge(_ partition: PartitionID, upTo mark: HybridTimestamp, completion: @escaping (PeerAnswer) -> Void) {
        guard partition.index < policy.partitions else { return completion(.refused("there is no such partition")) }
        guard policy.votes, store.mark(of: partition).promised >= mark else {
            return completion(.refused("this purge mark was not promised here"))
        }
        LocalPurge(store, partition: partition, mark: mark, completion: completion).start()
    }
}
