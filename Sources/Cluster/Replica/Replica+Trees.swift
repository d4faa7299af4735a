// What a replica tells of its trees, and what it does about old tombstones.

/// What a replica may say of what it holds.
protocol ReplicaPolicy: AnyObject {
    var partitions: Int { get }
    /// False in a replica that lost its disk, until it is whole: it stores what it is sent and says nothing of what it
    /// holds.
    var votes: Bool { get }
    /// False in a replica that lost its disk, until it has heard of every table that may be: it could take a deleted
    /// one for new.
    var takesWrites: Bool { get }
    /// The same, and false in one that has just started, until it is known not to have gone back in time.
    var knowsCatalog: Bool { get }
    /// The partitions that this node and another hold, in order.
    func sharedPartitions(with member: MemberIndex) -> [PartitionID]
    /// Hints of this node are on their way to a member.
    func hasPendingHints(for member: MemberIndex) -> Bool
    /// Why nothing up to `mark` may be purged here now; nil when it may.
    func objection(toPurging mark: HybridTimestamp) -> String?
}

extension Replica {
    func answerTrees(
        _ operation: PeerCall.Operation, of sender: MemberIndex, completion: @escaping (PeerAnswer) -> Void
    ) {
        switch operation {
        case .readCatalog:
            completion(policy.knowsCatalog ? .catalog(catalog.catalog.allStates) : .recovering)
        case .compare(let digest): completion(compare(digest, with: sender))
        case .leaves(let partitions):
            guard partitions.allSatisfy({ $0.index < policy.partitions }) else {
                return completion(.refused("there are \(policy.partitions) partitions"))
            }
            completion(.leaves(partitions.map { store.leaves(of: $0, isRecovering: !policy.votes) }))
        case .list(let request):
            guard request.place.partition.index < policy.partitions else {
                return completion(.refused("there are \(policy.partitions) partitions"))
            }
            store.list(request) { result in
                switch result {
                case .success(let list): completion(.rows(list))
                case .failure(let error): completion(PeerAnswer(error))
                }
            }
        default: preconditionFailure("another call was taken for one about trees")
        }
    }

    private func compare(_ digest: TreeDigest, with sender: MemberIndex) -> PeerAnswer {
        // Tables that only one side knows would make all partitions differ; gossip brings them first.
        guard digest.catalog == catalog.catalog.digest else { return .refused("the catalogs differ") }
        // They bring most of what it lacks, and would bring it twice.
        if policy.hasPendingHints(for: sender) { return .refused("hints for it are on their way") }
        let roots = sharedRoots(with: sender)
        return .roots(TreeDigest(ofRoots: roots, catalog: digest.catalog) == digest ? nil : roots)
    }

    /// One for each partition that this node and another hold, in order.
    func sharedRoots(with member: MemberIndex) -> [UInt64] {
        let roots = store.roots
        return policy.sharedPartitions(with: member).map { store.root(of: $0, roots) }
    }

    func answerPurge(_ operation: PeerCall.Operation, completion: @escaping (PeerAnswer) -> Void) {
        switch operation {
        case .promise(let partition, let mark):
            guard partition.index < policy.partitions else {
                return completion(.refused("there is no such partition"))
            }
            if let why = policy.objection(toPurging: mark) { return completion(.refused(why)) }
            store.submit(promise: mark, partition: partition) { completion(PeerAnswer($0)) }
        case .purge(let partition, let mark):
            guard partition.index < policy.partitions else {
                return completion(.refused("there is no such partition"))
            }
            // What was not promised was not asked of all replicas.
            guard policy.votes, store.mark(of: partition).promised >= mark else {
                return completion(.refused("that was not promised here"))
            }
            LocalPurge(store, partition: partition, mark: mark, completion: completion).start()
        default: preconditionFailure("another call was taken for one about purges")
        }
    }
}
