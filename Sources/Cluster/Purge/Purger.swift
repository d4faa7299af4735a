/// Schedules purge rounds for the partitions whose first replica is this node: every quarter of gc-grace while the
/// partition has tombstones, one round at a time.
final class Purger {
    private let replica: Replica
    private unowned let calls: any PeerCalls
    private let clock: any TimeSource
    private let observer: any ClusterObserver
    private let settings: MemberSettings
    /// The offset from this node's clock of the slowest wall clock of the members that answer, in milliseconds.
    private let slowestOffset: () -> Int64
    private var running: PurgeRound?
    private var nextAt: [UInt64]
    private var next: PartitionID = 0
    /// By partition, the reason why old tombstones cannot be purged.
    private(set) var blocked: [PartitionID: String] = [:]

    init(
        replica: Replica, calls: any PeerCalls, dependencies: MemberDependencies,
        slowestOffset: @escaping () -> Int64
    ) {
        self.replica = replica
        self.calls = calls
        clock = dependencies.clock
        observer = dependencies.observer
        settings = dependencies.settings
        self.slowestOffset = slowestOffset
        nextAt = Array(repeating: clock.monotonicMilliseconds, count: calls.roster.record.partitions)
    }

    /// Starts a purge round for the next partition that is due, if any.
    func tick() {
        guard running == nil, let own = calls.roster.selfIndex else { return }
        let now = clock.monotonicMilliseconds
        for _ in nextAt.indices {
            next = PartitionID((next.index + 1) % nextAt.count)
            guard now >= nextAt[next], calls.roster.preferenceList(partition: next).first == own else { continue }
            nextAt[next] = now + intervalMilliseconds
            guard replica.store.tombstones(of: next) > 0 else {
                blocked[next] = nil
                continue
            }
            if begin(next) { return }
        }
    }

    private func begin(_ partition: PartitionID) -> Bool {
        let grace = PlantedFault.tombstonePurgedEarly.isPlanted ? 0 : calls.roster.record.gcGraceMilliseconds
        let slowest = Int64(clock.wallMilliseconds) + min(slowestOffset(), 0)
        guard slowest > Int64(grace) else { return false }
        let mark = HybridTimestamp(milliseconds: UInt64(slowest) - grace)
        guard mark > replica.store.mark(of: partition).purged else { return false }
        if let why = absence(from: partition) {
            block(partition, why)
            return false
        }
        let before = replica.store.tombstones(of: partition)
        let round = PurgeRound(
            partition: partition, mark: mark, calls: calls, timeoutMilliseconds: settings.replicaTimeoutMilliseconds
        ) { [self] problem in
            running = nil
            block(partition, problem)
            guard problem == nil else { return }
            let after = replica.store.tombstones(of: partition)
            if before > after { observer.noted(.purged(partition: partition, tombstones: Int(before - after))) }
        }
        running = round
        round.start()
        return true
    }

    private var intervalMilliseconds: UInt64 {
        max(
            calls.roster.record.gcGraceMilliseconds / PurgeLimits.roundsPerGrace,
            PurgeLimits.minimumIntervalMilliseconds)
    }

    private func block(_ partition: PartitionID, _ problem: String?) {
        if problem != nil {
            nextAt[partition] = clock.monotonicMilliseconds + min(intervalMilliseconds, PurgeLimits.againMilliseconds)
        }
        if let problem, blocked[partition] != problem {
            observer.noted(.purgeBlocked(partition: partition, problem))
        }
        blocked[partition] = problem
    }

    /// Why a replica of the partition cannot take part in a purge; nil if all can.
    private func absence(from partition: PartitionID) -> String? {
        for member in calls.roster.preferenceList(partition: partition) {
            let name = calls.roster.record.members[member].nodeID
            switch calls.roster.liveness(of: member) {
            case .alive: continue
            case .suspect: return "\(name) is suspect"
            case .dead: return "\(name) is dead"
            case .recovering: return "\(name) is recovering from the loss of its disk"
            }
        }
        return nil
    }
}
