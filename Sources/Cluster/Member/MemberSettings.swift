/// What one member of a cluster was told at its start.
package struct MemberSettings: Sendable {
    package var nodeID: String
    /// Addresses of nodes to ask first; none for a lone node.
    package var seeds: [String]
    /// How many nodes form the cluster.
    package var bootstrapExpect: Int
    package var replicas: Int
    /// Nil where nobody said: a majority.
    package var readQuorum: Int?
    package var writeQuorum: Int?
    package var partitions: Int
    package var gcGraceMilliseconds: UInt64
    package var hintWindowMilliseconds: UInt64
    package var operationTimeoutMilliseconds: UInt64 = 5_000
    package var replicaTimeoutMilliseconds: UInt64 = 2_000
    package var heartbeatIntervalMilliseconds: UInt64 = 1_000
    /// After that long without an answer a member is suspect, after twice as long dead.
    package var failureTimeoutMilliseconds: UInt64 = 5_000
    package var maximumClockSkewMilliseconds: UInt64 = 500
    /// Between two comparisons with other members.
    package var antiEntropyIntervalMilliseconds: UInt64 = 10_000
    /// How many writes of the last two seconds anti-entropy can tell apart; a power of two.
    package var recentWriteSlots = 1 << 17

    package init(
        nodeID: String, seeds: [String] = [], bootstrapExpect: Int = 1, replicas: Int = 3, readQuorum: Int? = nil,
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
