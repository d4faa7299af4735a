/// A write that a replica missed, stored durably by the coordinating node until the replica has received it.
/// (DeCandia et al., "Dynamo", 2007, section 4.6.)
///
/// At most one hint exists per target and key, the one with the newest version.
package struct Hint: Equatable, Sendable {
    /// The replica that missed the write, as its index in the cluster record.
    package let target: MemberIndex
    package let write: ReplicaWrite
    /// The client request that caused the write, so that a replay, even after restarts, can be linked to it.
    package let trace: RequestTrace
    package let storedAt: HintTime

    package init(target: MemberIndex, write: ReplicaWrite, trace: RequestTrace, storedAt: HintTime) {
        self.target = target
        self.write = write
        self.trace = trace
        self.storedAt = storedAt
    }

    /// The hint's size in bytes as charged to the hint budget and the totals. It never changes for a stored hint.
    package var weightBytes: Int {
        Self.overheadBytes + write.key.bytes.count + write.item.value.count + trace.requestID.count
    }

    /// The approximate size of a stored hint without key, value and request id.
    private static let overheadBytes = 100

    package var place: RowPlace { write.place }
}

/// The time at which a hint was stored, on two clocks. A hint's age is the larger of the two ages, because each clock
/// alone can lag: the wall clock may be set back, and the uptime clock stops while the node is down.
package struct HintTime: Equatable, Sendable {
    /// Milliseconds since 1970.
    package let wallMilliseconds: UInt64
    /// The store's cumulative uptime in milliseconds, over all its runs.
    package let uptimeMilliseconds: UInt64

    package init(wallMilliseconds: UInt64, uptimeMilliseconds: UInt64) {
        self.wallMilliseconds = wallMilliseconds
        self.uptimeMilliseconds = uptimeMilliseconds
    }

    /// The age of a hint: the larger of its ages by the wall clock and by the uptime clock.
    package func ageMilliseconds(now: HintTime) -> UInt64 {
        max(
            now.wallMilliseconds.subtractingToZero(wallMilliseconds),
            now.uptimeMilliseconds.subtractingToZero(uptimeMilliseconds))
    }
}

/// Removes a hint and counts the reason. It applies only to a hint of exactly this version, because a newer hint may
/// have replaced it since. [A hint for v12 replaces v11 while v11 is being sent; the acknowledgement of v11 deletes the
/// hint for v12.]
package struct HintSettlement: Equatable, Sendable {
    package enum Fate: Equatable, Sendable {
        /// The target holds this version or a newer one.
        case delivered
        /// The hint's table was deleted, or a newer hint replaced this one.
        case superseded
        /// The hint is older than the hint window; anti-entropy will bring the write to the target.
        case expired
    }

    package let target: MemberIndex
    package let place: RowPlace
    package let version: Version
    package let fate: Fate

    /// Whether `hint` has the version that is to be removed; false for a newer hint that has replaced it.
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
