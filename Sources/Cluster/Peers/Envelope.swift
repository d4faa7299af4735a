/// The header of every batch: sender, target and cluster. The receiver checks it before it executes the batch.
package struct Envelope: Equatable, Sendable {
    package let clusterID: ClusterID
    /// The hash of the sender's cluster record.
    package let recordHash: UInt64
    package let sender: NodeID
    package let target: NodeID
    /// The sender's data directory, and the random number of its process.
    package let storeID: StoreID
    package let bootNonce: UInt64
    /// The members whose current store, as known to the sender, is not the one in the cluster record; in record order.
    package let replacements: [Replacement]

    package struct Replacement: Equatable, Sendable {
        /// The member whose store was replaced.
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

/// Calls sent in one message. The answer batch has the answers in the same order.
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
