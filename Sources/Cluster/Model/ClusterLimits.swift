// Every limit and fixed delay of this module that is not a setting of the node.

/// Limits of what nodes gossip about and remember.
enum MembershipLimits {
    /// The maximum number of nodes that one node remembers. Descriptions of further nodes are rejected.
    static let nodes = WireLimits.knownNodes
    /// The number of replaced store ids that are remembered per member. A process that serves from one of them is
    /// rejected.
    static let retiredStores = 8
}

/// Delays and limits of coordinated operations.
enum CoordinatorLimits {
    /// After this time without a quorum, the replicas that were not asked yet are asked too.
    static let hedgeMilliseconds: UInt64 = 10
    /// How long a table operation that has its quorum waits for the other live members.
    static let graceMilliseconds: UInt64 = 1_000
    /// The maximum number of read repairs in flight. Anti-entropy repairs what exceeds it.
    static let readRepairsInFlight = 64
}

/// Bounds of the memory that a slow or silent peer can hold, for each lane of its link.
enum LinkLimits {
    static let waitingBytesPerLane = 16 << 20
    static let batchesInFlightPerLane = 2
    static let callsPerBatch = 256
    /// The size at which a batch is closed, in bytes. Its last call may exceed it.
    static let bytesPerBatch = 1 << 20
}

/// After a call for a client of another node, this node counts as busy for this long, and repair slows down.
enum ActivityLimits {
    static let servingMilliseconds: UInt64 = 100
}

/// Hinted handoff.
enum HintLimits {
    static let replayIntervalMilliseconds: UInt64 = 1_000
    /// Expired hints of a member that stays away are removed this many times per hint window.
    static let sweepsPerWindow: UInt64 = 8
    static let minimumSweepMilliseconds: UInt64 = 1_000
    /// The number of replay passes in a row without a delivered hint after which anti-entropy no longer waits for the
    /// hints of a member.
    static let failedPasses = 3
    /// The number of hints in one page of a hint replay. The span of a page links to the spans of its writes, and
    /// OpenTelemetry allows 128 links per span by default.
    static let hintsPerPage = 128
    /// The number of hints in one page of a hint replay while clients are served: few, so that the clients' writes do
    /// not wait behind a large batch.
    static let hintsPerBusyPage = 32
    static let bytesPerPage = 1 << 20
    /// The minimum time between the starts of two pages of a hint replay while clients are served, in milliseconds. A
    /// page of 32 hints in this time is 1,000 hints per second.
    static let busyPageMilliseconds: UInt64 = 32
}

/// Anti-entropy.
enum AntiEntropyLimits {
    /// The delay in milliseconds until anti-entropy with a peer is tried again, after a session that was incomplete or
    /// left rows that differ, and while hints for the peer are pending.
    static let againMilliseconds: UInt64 = 1_000
    static let partitionsPerCall = 16
    static let leavesInFlight = 4
    static let leavesInFlightBusy = 2
    /// The number of leaves that a node compares at once while it restores a lost disk: more than otherwise, because
    /// nearly all leaves differ, and the cluster lacks a replica meanwhile.
    static let leavesInFlightRestoring = 32
    /// The number of repaired rows after which an anti-entropy session pauses while clients are served. With the pause
    /// of `busyPauseMilliseconds`, at most 1,600 rows are repaired per second.
    static let busyRows = 32
    static let busyPauseMilliseconds: UInt64 = 20
    static let rowsPerList = 512
    static let repairsInFlightPerLeaf = 16
    /// The age in milliseconds up to which anti-entropy skips a row that was written on this node: the write may still
    /// be on its way to the other replicas.
    static let recentWriteMilliseconds: UInt64 = 2_000
}

/// Purge of tombstones.
enum PurgeLimits {
    /// The number of purge rounds of each partition per gc-grace.
    static let roundsPerGrace: UInt64 = 4
    /// The delay until the next purge round of a partition after a blocked one, in milliseconds, unless a quarter of
    /// gc-grace is shorter.
    static let againMilliseconds: UInt64 = 10_000
    static let minimumIntervalMilliseconds: UInt64 = 200
    static let rowsPerList = 1024
    /// The maximum number of rows of one leaf that a purge round reads from one replica. The round fails if there are
    /// more.
    static let rowsPerLeaf = 1 << 16
}

/// Recovery of a node whose store is not the one that its cluster knows.
enum RecoveryLimits {
    static let againMilliseconds: UInt64 = 500
}

/// Limits of a message between nodes. A message beyond any of them is rejected as a whole; senders stay within them.
package enum WireLimits {
    package static let messageBytes = 64 << 20
    package static let callsPerBatch = 1024
    package static let requestIDBytes = RequestTrace.maximumRequestIDBytes
    package static let nodeIDBytes = NodeID.maximumBytes
    /// The maximum size of a node's address (host and port), in bytes.
    package static let addressBytes = 255
    /// The maximum size of the text that describes a failure, in bytes. The sender truncates longer texts.
    package static let reasonBytes = 1024
    /// The maximum size of a bound of a key range, in bytes: one more than that of a key, because a bound may be the
    /// successor of the longest key. The sender truncates longer bounds.
    package static let boundBytes = ItemKey.maximumBytes + 1
    package static let pageEntries = 1 << 16
    package static let pageBytes = 32 << 20
    package static let partitions = 1 << 16
    /// The maximum number of partitions in one call for leaf digests.
    package static let leavesPartitions = 64
    package static let leafRows = 4096
    package static let knownNodes = 256
    package static let recordBytes = 1 << 16
    package static let tablesInGossip = 100_000
    /// The maximum wall time, in milliseconds since 1970: 48 bits, as in a version, so that sums of times cannot
    /// overflow.
    package static let wallMilliseconds: UInt64 = 1 << 48 - 1
    /// The highest generation of a table. Leaves room for the next one.
    package static let generation: UInt64 = 1 << 63
}
