/// What nodes tell each other every heartbeat, in both directions: the answer to a message is a message.
package struct GossipMessage: Equatable, Sendable {
    package let sender: NodeDescription
    /// By the sender's wall clock; shown and compared, decides nothing.
    package let wallMilliseconds: UInt64
    /// Whom the sender means to reach; nil when it only knows an address.
    package let target: NodeID?
    /// What the sender has kept of the target: by it, a node whose disk went back in time learns of that.
    package let seen: NodeDescription?
    /// Every node the sender has heard of, itself left out.
    package let known: [NodeDescription]
    package let bootstrap: BootstrapView
    /// Of every table state the sender knows, deleted ones included.
    package let catalogDigest: UInt64
    /// The states themselves, sent to a peer whose digest differed.
    package let catalog: [TableState]

    package init(
        sender: NodeDescription, wallMilliseconds: UInt64, target: NodeID?, seen: NodeDescription? = nil,
        known: [NodeDescription], bootstrap: BootstrapView, catalogDigest: UInt64, catalog: [TableState]
    ) {
        self.sender = sender
        self.wallMilliseconds = wallMilliseconds
        self.target = target
        self.seen = seen
        self.known = known
        self.bootstrap = bootstrap
        self.catalogDigest = catalogDigest
        self.catalog = catalog
    }
}

/// One node as it describes itself; of two descriptions of one store, the higher boot counter is the later.
package struct NodeDescription: Hashable, Sendable {
    package let nodeID: NodeID
    /// Where peers reach it: host and port.
    package let address: String
    package let storeID: StoreID
    /// How often this data directory has been opened.
    package let bootCounter: UInt64
    /// New at each start.
    package let bootNonce: UInt64
    /// The last write of the store that is on disk.
    package let durableSequence: UInt64
    /// The same when this process opened the store: what it found.
    package let openedAtSequence: UInt64
    /// By its own word: it lost its disk, or part of it, and is not whole yet.
    package let isRecovering: Bool

    package init(
        nodeID: NodeID, address: String, storeID: StoreID, bootCounter: UInt64, bootNonce: UInt64,
        durableSequence: UInt64, openedAtSequence: UInt64? = nil, isRecovering: Bool = false
    ) {
        self.nodeID = nodeID
        self.address = address
        self.storeID = storeID
        self.bootCounter = bootCounter
        self.bootNonce = bootNonce
        self.durableSequence = durableSequence
        self.openedAtSequence = openedAtSequence ?? durableSequence
        self.isRecovering = isRecovering
    }
}

/// How far the forming of the cluster is, as the sender knows it.
package struct BootstrapView: Equatable, Sendable {
    /// How many nodes the sender was told to form a cluster of.
    package let expected: Int
    /// The record it has accepted, or that it knows to be formed.
    package let record: ClusterRecord?
    package let isBootstrapped: Bool
    /// Ids of the members known to have accepted `record`.
    package let acceptedBy: [NodeID]

    package init(expected: Int, record: ClusterRecord?, isBootstrapped: Bool, acceptedBy: [NodeID]) {
        self.expected = expected
        self.record = record
        self.isBootstrapped = isBootstrapped
        self.acceptedBy = acceptedBy
    }
}
