/// One comparison of everything that this node and another hold both, and the repair of what differs, both ways. What
/// it costs follows the difference: one digest when all is equal, then the roots of partitions, the leaves of those
/// that differ, lists of leaves that differ, and only then items. (Merkle, "A Digital Signature Based on a Conventional
/// Encryption Function", 1987; DeCandia et al., "Dynamo", 2007, section 4.7.)
///
/// Each side ends with the newest version of every row of both. It is done twice without harm.
final class AntiEntropySession {
    struct Outcome: Equatable {
        /// Rows that differed and were not written just now, and how old the oldest of them was by this node's clock.
        var differing = 0
        var oldestMilliseconds: UInt64 = 0
        /// Rows that came to this node, went to the other, and were forgotten here because the other has purged them.
        var pulled = 0
        var pushed = 0
        var dropped = 0
        /// Shared partitions of which this node now holds all that the other did, with the other's purge mark.
        var inSync: [PartitionID: HybridTimestamp] = [:]
        /// Why it did not get to its end.
        var failure: String?
        /// There is more to do: something was in the way.
        var isPartial = false
        /// The other would not have it now: tables or hints are on their way that would make it do what they do.
        var isPostponed = false
    }

    enum Mode {
        /// Repairs what differs, and slows down while clients are served.
        case compare(isBusy: () -> Bool)
        /// Restores the lost disk of this node as fast as possible.
        case restore
    }

    let peer: MemberIndex
    /// A node that lost its disk wants all that the other has, also what was written just now.
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
    /// Called for each leaf of which rows have been repaired: the whole may take minutes.
    var onRepaired: (LeafComparison.Outcome) -> Void = { _ in }
    /// Shared partitions whose roots differ, the next ones last.
    private var differing: [PartitionID] = []
    private var leaves: [LeafComparison] = []
    private var comparing: [ObjectIdentifier: LeafComparison] = [:]
    /// Of the partitions whose leaves are being compared: those of the peer, and how many are still to be done.
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
        guard theirs.count == shared.count else { return finish("it tells of other partitions than are shared") }
        for (index, partition) in shared.enumerated().reversed() {
            // Equal roots do not say whether the other one knows what it held: it may have lost its disk too.
            if ours[index] == theirs[index], !takesAll {
                outcome.inSync[partition] = store.mark(of: partition).purged
            } else {
                differing.append(partition)
            }
        }
        advance()
    }

    /// Whether it waits for the moment to go on.
    var isPaused: Bool { pausedUntil > 0 }

    /// Goes on after a pause.
    func tick() {
        if pausedUntil > 0, clock.monotonicMilliseconds >= pausedUntil { advance() }
    }

    private var leavesAllowed: Int {
        if takesAll { return AntiEntropyLimits.leavesInFlightRestoring }
        return isBusy() ? AntiEntropyLimits.leavesInFlightBusy : AntiEntropyLimits.leavesInFlight
    }

    /// Leaves of some partitions, then the lists of those that differ, then the next partitions.
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

    /// A partition whose purge mark is higher elsewhere is purged up to it first.
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
        guard var state = open[partition] else { preconditionFailure("a leaf was compared of no open partition") }
        state.left -= 1
        state.failed = state.failed || !result.isComplete
        open[partition] = state.left > 0 ? state : nil
        if state.left == 0, !state.failed { outcome.inSync[partition] = state.theirs.purged }
        pauseIfBusy(afterRows: result.repaired)
        advance()
    }

    /// A leaf may hold one row or thousands: it is rows that cost.
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
    /// Of an answer that is not what was asked for.
    var failureText: String {
        switch self {
        case .success(let answer): answer.explanation
        case .failure(let failure): failure.description
        }
    }
}
