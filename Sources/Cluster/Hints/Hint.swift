/// A write that a replica should have and does not: kept, durably, by the node that coordinated it, until the replica
/// has it. (DeCandia et al., "Dynamo", 2007, section 4.6.)
///
/// There is one for each target and key, that of the newest version.
package struct Hint: Equatable, Sendable {
    /// The replica it is for, by its index in the cluster record.
    package let target: MemberIndex
    package let write: ReplicaWrite
    /// The request that the write served, so that its replay, perhaps after restarts, can name it.
    package let trace: RequestTrace
    package let storedAt: HintTime

    package init(target: MemberIndex, write: ReplicaWrite, trace: RequestTrace, storedAt: HintTime) {
        self.target = target
        self.write = write
        self.trace = trace
        self.storedAt = storedAt
    }

    /// What it counts against the budget and in the totals: the same whenever it is asked.
    package var weightBytes: Int {
        Self.overheadBytes + write.key.bytes.count + write.item.value.count + trace.requestID.count
    }

    /// About what a row takes beside key, value and request id.
    private static let overheadBytes = 100

    package var place: RowPlace { write.place }
}

/// When a hint was stored, by two clocks, neither of which can make it younger than it is: the wall may be set back,
/// and the other one stands while the node is down.
package struct HintTime: Equatable, Sendable {
    /// Since 1970.
    package let wallMilliseconds: UInt64
    /// How long the store had been open by then, in all its life.
    package let uptimeMilliseconds: UInt64

    package init(wallMilliseconds: UInt64, uptimeMilliseconds: UInt64) {
        self.wallMilliseconds = wallMilliseconds
        self.uptimeMilliseconds = uptimeMilliseconds
    }

    /// The larger of the two ages.
    package func ageMilliseconds(now: HintTime) -> UInt64 {
        max(
            now.wallMilliseconds.subtractingToZero(wallMilliseconds),
            now.uptimeMilliseconds.subtractingToZero(uptimeMilliseconds))
    }
}

/// What became of a hint. It is removed only while it still bears this version: a newer one may have taken its place
/// since. [v12 replaces v11 in flight; the ack of v11 deletes v12.]
package struct HintSettlement: Equatable, Sendable {
    package enum Fate: Equatable, Sendable {
        /// The target has it, or something newer.
        case delivered
        /// Its table is gone.
        case superseded
        /// It is older than the hint window; anti-entropy owes the target what it held.
        case expired
    }

    package let target: MemberIndex
    package let place: RowPlace
    package let version: Version
    package let fate: Fate

    /// Whether it speaks of this hint, and not of one that a newer has replaced.
    package func applies(to hint: Hint) -> Bool {
        PlantedFault.hintAckDeletesNewer.isPlanted || hint.write.item.version == version
    }

    package init(target: MemberIndex, place: RowPlace, version: Version, fate: Fate) {
        self.target = target
        self.place = place
        self.version = version
        self.fate = fate
    }
}
