/// The settings of a node that concern its cluster. Fixed from its start.
package struct MemberSettings: Sendable {
    package var nodeID: NodeID
    /// Addresses of nodes to contact first; empty for a single node.
    package var seeds: [String]
    /// The number of nodes that bootstrap waits for.
    package var bootstrapExpect: Int
    package var replicas: Int
    /// The number of replicas that a strong read needs; nil for a majority of the replicas. `writeQuorum` is the same
    /// for strong writes.
    package var readQuorum: Int?
    package var writeQuorum: Int?
    package var partitions: Int
    package var gcGraceMilliseconds: UInt64
    package var hintWindowMilliseconds: UInt64
    package var operationTimeoutMilliseconds: UInt64 = 5_000
    package var replicaTimeoutMilliseconds: UInt64 = 2_000
    package var heartbeatIntervalMilliseconds: UInt64 = 1_000
    /// A member is suspect after this time without an answer, and dead after twice this time.
    package var failureTimeoutMilliseconds: UInt64 = 5_000
    package var maximumClockSkewMilliseconds: UInt64 = 500
    /// The time between two anti-entropy sessions.
    package var antiEntropyIntervalMilliseconds: UInt64 = 10_000
    /// Slots of the table of recent writes, which anti-entropy ignores. A power of two, about the number of writes in
    /// two seconds.
    package var recentWriteSlots = 1 << 17

    package init(
        nodeID: NodeID, seeds: [String] = [], bootstrapExpect: Int = 1, replicas: Int = 3, readQuorum: Int? = nil,
        writeQuorum: Int? = nil, partitions: Int = 256, gcGraceMilliseconds: UInt64, hintWindowMilliseconds: UInt64
    ) {
        self.nodeID = nodeID
        self.seeds = seeds
        self.bootstrapExpect = bootstrapExpect
        self.replicas = replicas
        self.readQuorum = readQuorum
        self.writeQuorum = writeQuorum
        self.partitions = partitions
        self.gcGraceMilliseconds = gcGraceMilliseconds
        self.hintWindowMilliseconds = hintWindowMilliseconds
    }
}
