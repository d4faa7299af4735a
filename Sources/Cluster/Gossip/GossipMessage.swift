/// The content of a heartbeat and of its response, which have the same form.
package struct GossipMessage: Equatable, Sendable {
    package let sender: NodeDescription
    /// The sender's wall clock in milliseconds since 1970, for estimating clock offsets.
    package let wallMilliseconds: UInt64
    /// The intended recipient; nil when the sender knows only an address.
    package let target: NodeID?
    /// The sender's record of the target, if it contradicts what the target reported: a node learns from it that its
    /// disk was rolled back.
    package let seen: NodeDescription?
    /// The nodes that answer the sender, without the sender itself.
    package let known: [NodeDescription]
    package let bootstrap: BootstrapView
    /// The digest of all table states that the sender knows, including deleted tables.
    package let catalogDigest: UInt64
    /// All table states, if the recipient's digest differed; otherwise empty.
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

/// A node's description of itself. If two describe the same store, the one with the higher boot counter is newer.
package struct NodeDescription: Hashable, Sendable {
    package let nodeID: NodeID
    /// The host and port at which peers reach the node.
    package let address: String
    package let storeID: StoreID
    /// The number of times this data directory has been opened.
    package let bootCounter: UInt64
    /// A random number drawn at each process start.
    package let bootNonce: UInt64
    /// The sequence number of the last durable write of the store.
    package let durableSequence: UInt64
    /// The durable sequence number at the moment this process opened the store.
    package let openedAtSequence: UInt64
    /// Whether the node reports that it is recovering from a lost or rolled-back disk.
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

/// The state of the cluster's bootstrap, as the sender knows it.
package struct BootstrapView: Equatable, Sendable {
    /// The sender's --bootstrap-expect.
    package let expected: Int
    /// The cluster record that the sender has accepted, or knows to be final.
    package let record: ClusterRecord?
    package let isBootstrapped: Bool
    /// The members known to have accepted `record`.
    package let acceptedBy: [NodeID]

    package init(expected: Int, record: ClusterRecord?, isBootstrapped: Bool, acceptedBy: [NodeID]) {
        self.expected = expected
        self.record = record
        self.isBootstrapped = isBootstrapped
        self.acceptedBy = acceptedBy
    }
}
