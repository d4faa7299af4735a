/// The head of every batch: sender, target and cluster. A batch whose envelope is rejected is not processed.
package struct Envelope: Equatable, Sendable {
    package let clusterID: ClusterID
    /// Hash of the sender's cluster record.
    package let recordHash: UInt64
    package let sender: NodeID
    package let target: NodeID
    /// The data directory that the sender serves from.
    package let storeID: StoreID
    /// A random number that the sender draws at each start.
    package let bootNonce: UInt64
    /// The members whose store, as far as the sender knows, is no longer the one in the record; in the record's order.
    package let replacements: [Replacement]

    package struct Replacement: Equatable, Sendable {
        package let member: MemberIndex
        package let storeID: StoreID

        package init(member: MemberIndex, storeID: StoreID) {
            self.member = member
            self.storeID = storeID
        }
    }

    package init(
        clusterID: ClusterID, recordHash: UInt64, sender: NodeID, target: NodeID, storeID: StoreID, bootNonce: UInt64,
        replacements: [Replacement] = []
    ) {
        self.clusterID = clusterID
        self.recordHash = recordHash
        self.sender = sender
        self.target = target
        self.storeID = storeID
        self.bootNonce = bootNonce
        self.replacements = replacements
    }
}

/// Calls that are sent in one message. Their answers come in one message and in the same order.
package struct CallBatch: Equatable, Sendable {
    package let envelope: Envelope
    package let calls: [PeerCall]

    package init(_ envelope: Envelope, calls: [PeerCall]) {
        self.envelope = envelope
        self.calls = calls
    }
}

package struct AnswerBatch: Equatable, Sendable {
    package let envelope: Envelope
    package let answers: [PeerAnswer]

    package init(_ envelope: Envelope, answers: [PeerAnswer]) {
        self.envelope = envelope
        self.answers = answers
    }
}
