// Every limit and fixed delay of this module that is not a setting of the node.

/// Limits of what nodes gossip about and remember.
enum MembershipLimits {
    /// Nodes that one node remembers. Descriptions of further nodes are rejected.
    static let nodes = WireLimits.knownNodes
    /// Replaced store ids that are remembered per member. A process that serves from one of them is rejected.
    static let retiredStores = 8
}

/// Delays and limits of coordinated operations.
enum CoordinatorLimits {
    /// After this time without a quorum, the replicas that were not asked yet are asked too.
    static let hedgeMilliseconds: UInt64 = 10
    /// How long a table operation that has its quorum waits for the other live members.
    static let graceMilliseconds: UInt64 = 1_000
    /// Read repairs in flight. Rows beyond it are left to anti-entropy.
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
    /// Replay passes without a delivered hint after which anti-entropy no longer waits for the hints.
    static let failedPasses = 3
    /// OpenTelemetry allows 128 links per span by default, and the span of a page links to the writes in it.
    static let hintsPerPage = 128
    /// While clients are served, so that their writes do not wait behind a large batch.
    static let hintsPerBusyPage = 32
    static let bytesPerPage = 1 << 20
    /// One busy page in this time is 1,000 hints per second.
    static let busyPageMilliseconds: UInt64 = 32
}

/// Anti-entropy.
enum AntiEntropyLimits {
    /// Delay of the next session with a peer that still differed, or whose session was incomplete.
    static let againMilliseconds: UInt64 = 1_000
    static let partitionsPerCall = 16
    static let leavesInFlight = 4
    static let leavesInFlightBusy = 2
    /// For a node that restores a lost disk: nearly all leaves differ, and the cluster lacks a replica meanwhile.
    static let leavesInFlightRestoring = 32
    /// While clients are served: a pause after this many rows, at most 1,600 rows per second.
    static let busyRows = 32
    static let busyPauseMilliseconds: UInt64 = 20
    static let rowsPerList = 512
    static let repairsInFlightPerLeaf = 16
    /// A write this recent may still be on its way to the other replicas, and is no divergence.
    static let recentWriteMilliseconds: UInt64 = 2_000
}

/// Purge of tombstones.
enum PurgeLimits {
    /// Purge rounds of each partition per gc-grace.
    static let roundsPerGrace: UInt64 = 4
    /// Delay after a blocked round, unless a quarter of gc-grace is shorter.
    static let againMilliseconds: UInt64 = 10_000
    static let minimumIntervalMilliseconds: UInt64 = 200
    static let rowsPerList = 1024
    /// Rows of one leaf on one replica that a round compares.
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
    /// The most bytes of a host and port.
    package static let addressBytes = 255
    /// The text of a failure. The sender truncates longer texts.
    package static let reasonBytes = 1024
    /// The length of a range bound, which may be the successor of the longest key. The sender truncates longer bounds.
    package static let boundBytes = ItemKey.maximumBytes + 1
    package static let pageEntries = 1 << 16
    package static let pageBytes = 32 << 20
    package static let partitions = 1 << 16
    /// Partitions in one call for leaves.
    package static let leavesPartitions = 64
    package static let leafRows = 4096
    package static let knownNodes = 256
    package static let recordBytes = 1 << 16
    package static let tablesInGossip = 100_000
    /// The latest wall time: 48 bits, as in a version, so that sums of times cannot overflow.
    package static let wallMilliseconds: UInt64 = 1 << 48 - 1
    /// The highest generation of a table. Leaves room for the next one.
    package static let generation: UInt64 = 1 << 63
}
