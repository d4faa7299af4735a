/// Creates the versions of the writes that this node coordinates.
final class VersionStamper {
    private let store: any ReplicaStore
    private let clock: any TimeSource
    private let maximumClockSkewMilliseconds: UInt64
    private var hybridClock: HybridClock
    private var writeIDs: WriteIDs<AnyRandom>

    init(_ dependencies: MemberDependencies) {
        store = dependencies.store
        clock = dependencies.clock
        maximumClockSkewMilliseconds = dependencies.settings.maximumClockSkewMilliseconds
        hybridClock = HybridClock(maximumSkewMilliseconds: dependencies.settings.maximumClockSkewMilliseconds)
        writeIDs = WriteIDs(random: dependencies.random)
    }

    /// A clock reading that is not below any version in this node's own store, so that a version stamped above it needs
    /// no lookup there. Nil when the reading lies further in the future than the allowed clock skew: stamping above it
    /// would spread the time of one wrong clock to every key.
    var ownFloor: HybridTimestamp? {
        let highest = store.highestClock
        return highest.milliseconds <= clock.wallMilliseconds + maximumClockSkewMilliseconds ? highest : nil
    }

    /// A new version above every version stamped before, and above `floor`.
    func stamp(above floor: HybridTimestamp?) -> Version {
        Version(
            clock: hybridClock.issue(above: floor, wallMilliseconds: clock.wallMilliseconds),
            writeID: PlantedFault.versionWithoutWriteID.isPlanted ? 0 : writeIDs.next())
    }
}
