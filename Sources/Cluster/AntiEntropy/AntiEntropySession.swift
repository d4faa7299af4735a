/// One anti-entropy session: compares all partitions that this node and a peer both hold, and repairs differences in
/// both directions. The cost is proportional to the difference: a single digest when the replicas are equal, otherwise
/// the roots of the partitions, the leaves of partitions that differ, row lists of leaves that differ, and only then
/// items. (Merkle, "A Digital Signature Based on a Conventional Encryption Function", 1987; DeCandia et al., "Dynamo",
/// 2007, section 4.7.)
///
/// Afterwards both replicas hold the newest version of every row that either held. Sessions are idempotent.
final class AntiEntropySession {
    struct Outcome: Equatable {
        /// The number of rows that differed, not counting recent writes, and the age of the oldest of them in
        /// milliseconds by the wall clock.
        var differing = 0
        var oldestMilliseconds: UInt64 = 0
        /// The numbers of rows copied to this node (`pulled`), copied to the peer (`pushed`), and removed on this node
        /// because the peer has purged them (`dropped`).
        var pulled = 0
        var pushed = 0
        var dropped = 0
        /// The shared partitions in which this node now holds everything that the peer held, each with the peer's purge
        /// mark.
        var inSync: [PartitionID: HybridTimestamp] = [:]
        /// Why the anti-entropy session failed; nil if it did not.
        var failure: String?
        /// Some differences remain, so that another session with the peer is needed.
        var isPartial = false
        /// The peer declined the session for now: pending table changes or hints would cause the same transfers.
        var isPostponed = false
    }

    enum Mode {
        /// Repairs the rows that differ, and slows down while clients are served.
        case compare(isBusy: () -> Bool)
        /// Restores the lost disk of this node as fast as possible.
        case restore
    }

    let peer: MemberIndex
    /// True in a node that lost its disk: it copies everything from the peer, including recent writes.
    let takesAll: Bool
    let replica: Replica
    let calls: any PeerCalls
    let clock: any TimeSource
    private let timeoutMilliseconds: UInt64
    private let isBusy: () -> Bool
    private var pausedUntil: UInt64 = 0
    private var rowsSincePause = 0
    private let shared: [PartitionID]
    private(set) var outcome = Outcome()
    private var completion: ((Outcome) -> Void)?
    /// Called for each leaf in which rows have been repaired, because the whole session may take minutes.
    var onRepaired: (LeafComparison.Outcome) -> Void = { _ in }
    /// The shared partitions whose roots differ and whose leaves are not compared yet. They are taken from the end.
    private var differing: [PartitionID] = []
    private var leaves: [LeafComparison] = []
    private var comparing: [ObjectIdentifier: LeafComparison] = [:]
    /// Partitions whose leaves are being compared: the peer's leaves, and the number of leaves still to be compared.
    private var open: [PartitionID: (theirs: PartitionLeaves, left: Int, failed: Bool)] = [:]

    init(
        with peer: MemberIndex, replica: Replica, calls: any PeerCalls, dependencies: MemberDependencies, mode: Mode,
        completion: @escaping (Outcome) -> Void
    ) {
        self.peer = peer
        shared = replica.policy.sharedPartitions(with: peer)
        self.replica = replica
        self.calls = calls
        clock = dependencies.clock
        timeoutMilliseconds = dependencies.settings.replicaTimeoutMilliseconds
        switch mode {
        case .compare(let isBusy): (takesAll, self.isBusy) = (false, isBusy)
        case .restore: (takesAll, isBusy) = (true, { false })
        }
        self.completion = completion
    }

    var store: any ReplicaStore { replica.store }

    func call(
        _ operation: PeerCall.Operation, completion: @escaping (Result<PeerAnswer, PeerFailure>) -> Void
    ) {
        calls.call(
            peer, operation, over: .bulk, trace: .none, timeoutMilliseconds: timeoutMilliseconds,
            completion: completion)
    }

    func start() {
        let roots = replica.sharedRoots(with: peer)
        let digest = TreeDigest(ofRoots: roots, catalog: replica.catalog.catalog.digest)
        call(.compare(digest)) { [self] answer in
            switch answer {
            case .success(.roots(nil)): compare(roots, roots)
            case .success(.roots(let theirs?)): compare(roots, theirs)
            case .success(.refused(let why)):
                outcome.isPostponed = true
                finish(why)
            default: finish(answer.failureText)
            }
        }
    }

    private func compare(_ ours: [UInt64], _ theirs: [UInt64]) {
        guard theirs.count == shared.count else {
            return finish("the peer returned \(theirs.count) roots, and the replicas share \(shared.count) partitions")
        }
        for (index, partition) in shared.enumerated().reversed() {
            // A recovering node cannot trust equal roots: the peer may have lost its disk too.
            if ours[index] == theirs[index], !takesAll {
                outcome.inSync[partition] = store.mark(of: partition).purged
            } else {
                differing.append(partition)
            }
        }
        advance()
    }

    /// Whether this anti-entropy session is pausing to leave time for clients.
    var isPaused: Bool { pausedUntil > 0 }

    /// Resumes this anti-entropy session when its pause is over.
    func tick() {
        if pausedUntil > 0, clock.monotonicMilliseconds >= pausedUntil { advance() }
    }

    private var leavesAllowed: Int {
        if takesAll { return AntiEntropyLimits.leavesInFlightRestoring }
        return isBusy() ? AntiEntropyLimits.leavesInFlightBusy : AntiEntropyLimits.leavesInFlight
    }

    /// Starts leaf comparisons up to the limit; when none is left, requests the leaves of the next partitions.
    private func advance() {
        if clock.monotonicMilliseconds < pausedUntil { return }
        pausedUntil = 0
        let allowed = leavesAllowed
        while comparing.count < allowed, let next = leaves.popLast() {
            comparing[ObjectIdentifier(next)] = next
            next.start()
        }
        guard comparing.isEmpty, leaves.isEmpty else { return }
        guard !differing.isEmpty else { return finish() }
        let chunk = Array(differing.suffix(AntiEntropyLimits.partitionsPerCall))
        differing.removeLast(chunk.count)
        call(.leaves(chunk)) { [self] answer in
            guard case .success(.leaves(let theirs)) = answer, theirs.map(\.partition) == chunk else {
                return finish(answer.failureText)
            }
            take(theirs[...])
        }
    }

    /// Compares the leaves of each partition. If the peer's purge mark is higher, first purges the partition here up to
    /// that mark.
    private func take(_ theirs: ArraySlice<PartitionLeaves>) {
        guard let next = theirs.first else { return advance() }
        let rest = theirs.dropFirst()
        let mark = store.mark(of: next.partition)
        guard next.purged > mark.purged, !takesAll, !next.isRecovering else {
            compareLeaves(next)
            return take(rest)
        }
        guard mark.promised >= next.purged else {
            outcome.isPartial = true
            return take(rest)
        }
        LocalPurge(store, partition: next.partition, mark: next.purged) { [self] answer in
            if answer == .stored { compareLeaves(next) } else { outcome.isPartial = true }
            take(rest)
        }.start()
    }

    private func compareLeaves(_ theirs: PartitionLeaves) {
        guard !takesAll || !theirs.isRecovering else {
            outcome.isPartial = true
            return
        }
        let ours = store.leaves(of: theirs.partition)
        let different = (0..<KeyPlace.leavesPerPartition).filter { ours[$0] != theirs.digests[$0] }
        guard !different.isEmpty else {
            outcome.inSync[theirs.partition] = theirs.purged
            return
        }
        open[theirs.partition] = (theirs, different.count, false)
        for leaf in different {
            let place = KeyPlace(partition: theirs.partition, leaf: UInt8(leaf))
            leaves.append(LeafComparison(place, of: theirs, in: self) { [self] in compared($0, $1) })
        }
    }

    private func compared(_ leaf: LeafComparison, _ result: LeafComparison.Outcome) {
        comparing[ObjectIdentifier(leaf)] = nil
        outcome.differing += result.differing
        outcome.oldestMilliseconds = max(outcome.oldestMilliseconds, result.oldestMilliseconds)
        outcome.pulled += result.pulled
        outcome.pushed += result.pushed
        outcome.dropped += result.dropped
        if !result.isComplete { outcome.isPartial = true }
        if result.repaired > 0 { onRepaired(result) }
        let partition = leaf.place.partition
        guard var state = open[partition] else {
            preconditionFailure("a leaf comparison ended for a partition that is not open")
        }
        state.left -= 1
        state.failed = state.failed || !result.isComplete
        open[partition] = state.left > 0 ? state : nil
        if state.left == 0, !state.failed { outcome.inSync[partition] = state.theirs.purged }
        pauseIfBusy(afterRows: result.repaired)
        advance()
    }

    /// Pauses the anti-entropy session after enough repaired rows, if clients are served. Rows are counted rather than
    /// leaves, because one leaf may hold a single row or thousands.
    private func pauseIfBusy(afterRows rows: Int) {
        guard !takesAll, isBusy() else { return rowsSincePause = 0 }
        rowsSincePause += rows
        guard rowsSincePause >= AntiEntropyLimits.busyRows else { return }
        let pauses = UInt64(rowsSincePause / AntiEntropyLimits.busyRows)
        rowsSincePause %= AntiEntropyLimits.busyRows
        pausedUntil = max(pausedUntil, clock.monotonicMilliseconds) + pauses * AntiEntropyLimits.busyPauseMilliseconds
    }

    private func finish(_ failure: String? = nil) {
        guard let completion = completion.take() else { return }
        outcome.failure = failure
        if failure != nil { outcome.isPartial = true }
        leaves = []
        completion(outcome)
    }
}

extension Result where Success == PeerAnswer, Failure == PeerFailure {
    /// Describes a failed call, or an answer of another kind than the call expects.
    var failureText: String {
        switch self {
        case .success(let answer): answer.explanation
        case .failure(let failure): failure.description
        }
    }
}
