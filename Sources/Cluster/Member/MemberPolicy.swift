/// Decides what this node's replica may do: a node that recovers from the loss of its disk does not vote in reads, and
/// takes no writes until it knows the catalog of tables.
final class MemberPolicy: ReplicaPolicy {
    private let roster: MemberRoster
    private let pendingHints: PendingHints
    private let clock: any TimeSource
    /// The running recovery of this node's disk; nil if there is none.
    var recovery: Recovery?

    init(roster: MemberRoster, pendingHints: PendingHints, clock: any TimeSource) {
        self.roster = roster
        self.pendingHints = pendingHints
        self.clock = clock
    }

    var partitions: Int { roster.record.partitions }

    var votes: Bool { recovery == nil && roster.ownIsConfirmed }

    var takesWrites: Bool { recovery?.knowsCatalog ?? true }

    var knowsCatalog: Bool { recovery?.knowsCatalog ?? roster.ownIsConfirmed }

    func sharedPartitions(with member: MemberIndex) -> [PartitionID] { roster.sharedPartitions(with: member) }

    func hasPendingHints(for member: MemberIndex) -> Bool { pendingHints.exist(for: member) }

    func objection(toPurging mark: HybridTimestamp) -> String? {
        if recovery != nil { return "it is recovering from the loss of its disk" }
        if let problem = roster.clockProblem { return problem }
        if PlantedFault.tombstonePurgedEarly.isPlanted { return nil }
        return mark.milliseconds + roster.record.gcGraceMilliseconds <= clock.wallMilliseconds
            ? nil : "by its clock, gc-grace has not passed"
    }
}
