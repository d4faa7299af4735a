/// Faults that `make mutants` plants to test that the simulation detects them. Each is one line at the decision that it
/// breaks; in every other build that line is dead code.
package enum PlantedFault: String, CaseIterable, Sendable {
    case skipSync = "skip-sync"
    case ackBeforeW = "ack-before-w"
    case oneRoundStrongWrite = "one-round-strong-write"
    case noWriteBack = "no-write-back"
    case readBeforeWHold = "read-before-w-hold"
    case versionWithoutWriteID = "version-without-write-id"
    case olderWinsInBatch = "older-wins-in-batch"
    case wallClockDeadlines = "wall-clock-deadlines"
    case twoRecords = "two-records"
    case tableGenerationIgnored = "table-generation-ignored"
    case hintAckDeletesNewer = "hint-ack-deletes-newer"
    case hintsForgotten = "hints-forgotten"
    case hintVersionIgnored = "hint-version-ignored"
    case tombstonePurgedEarly = "tombstone-purged-early"
    case noMemoryOfPurge = "no-memory-of-purge"
    case markWithoutComparing = "mark-without-comparing"
    case emptyDiskVotes = "empty-disk-votes"
    case leafNotUpdated = "leaf-not-updated"
    case olderOverNewer = "older-over-newer"

#if PLANTED_FAULTS
    /// The fault that is planted in this process. Set once, before any node exists.
    nonisolated(unsafe) package static var planted: PlantedFault?
#endif

    @inline(__always)
    package var isPlanted: Bool {
#if PLANTED_FAULTS
        unsafe Self.planted == self
#else
        false
#endif
    }
}
