// Calls of anti-entropy and of tombstone purges.

/// Which calls a replica may answer now, given its recovery and its peers.
protocol ReplicaPolicy: AnyObject {
    var partitions: Int { get }
    /// Whether the replica may answer reads. False while it recovers a lost disk: it stores writes and does not report
    /// what it holds.
    var votes: Bool { get }
    /// Whether the replica accepts writes. False after a disk loss until it has fetched the table catalogs: it could
    /// take a deleted table for a new one.
    var takesWrites: Bool { get }
    /// Whether the catalog is complete. Like `takesWrites`, and also false after a start until a peer has confirmed
    /// that the disk was not rolled back.
    var knowsCatalog: Bool { get }
    /// The partitions that this node and another member both hold, in ascending order.
    func sharedPartitions(with member: Int) -> [Int]
    /// Whether hints of this node are pending for a member.
    func hasHintsUnderWay(to member: Int) -> Bool
    /// Why tombstones up to `mark` may not be purged here now; nil when they may.
    func objection(toPurging mark: HybridTimestamp) -> String?
}

extension Replica {
    func answerTrees(
        _ operation: PeerCall.Operation, of sender: Int, completion: @escaping (PeerAnswer) -> Void
    ) {
        switch operation {
        case .readCatalog:
            completion(standing.knowsCatalog ? .catalog(catalog.catalog.allStates) : .recovering)
        case .compare(let digest): completion(compare(digest, with: sender))
        case .leaves(let partitions):
            guard partitions.allSatisfy({ $0 < standing.partitions }) else {
                return completion(.refused("there are \(standing.partitions) partitions"))
            }
            completion(.leaves(partitions.map { store.leaves(of: $0, isRecovering: !standing.votes) }))
        case .list(let request):
            guard request.place.partition < standing.partitions else {
                return completion(.refused("there are \(standing.partitions) partitions"))
            }
            store.list(request) { result in
                switch result {
                case .success(let list): completion(.rows(list))
                case .failure(let error): completion(PeerAnswer(error))
                }
            }
        default: preconditionFailure("not an anti-entropy call")
        }
    }

    private func compare(_ digest: TreeDigest, with sender: Int) -> PeerAnswer {
        // A table that only one side knows would make all partitions differ. Gossip distributes tables first.
        guard digest.catalog == catalog.catalog.digest else { return .refused("the table catalogs differ") }
        // The hints bring most missing rows, and the session would transfer them a second time.
        if standing.hasHintsUnderWay(to: sender) { return .refused("hints are pending for it") }
        let roots = sharedRoots(with: sender)
        return .roots(TreeDigest(ofRoots: roots, catalog: digest.catalog) == digest ? nil : roots)
    }

    /// The roots of the partitions that this node and another member both hold, in partition order.
    func sharedRoots(with member: Int) -> [UInt64] {
        let roots = store.roots
        return standing.sharedPartitions(with: member).map { store.root(of: $0, roots) }
    }

    func answerPurge(_ operation: PeerCall.Operation, completion: @escaping (PeerAnswer) -> Void) {
        switch operation {
        case .promise(let partition, let mark):
            guard partition < standing.partitions else { return completion(.refused("there is no such partition")) }
            if let why = standing.objection(toPurging: mark) { return completion(.refused(why)) }
            store.submit(promise: mark, partition: Int(partition)) { completion(PeerAnswer($0)) }
        case .purge(let partition, let mark):
            guard partition < standing.partitions else { return completion(.refused("there is no such partition")) }
            // Without the promise it is not certain that all replicas hold these tombstones.
            guard standing.votes, store.mark(of: Int(partition)).promised >= mark else {
                return completion(.refused("this purge mark was not promised here"))
            }
            LocalPurge(store, partition: partition, mark: mark, completion: completion).start()
        default: preconditionFailure("not a purge call")
        }
    }
}
