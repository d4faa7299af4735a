/// Who speaks to whom, in which cluster: at the head of every batch, judged before anything in it is done.
package struct Envelope: Equatable, Sendable {
    package let clusterID: ClusterID
    /// Of the cluster record's encoding.
    package let recordHash: UInt64
    package let sender: NodeID
    package let target: NodeID
    /// The data directory that the sender serves from, and a number that is new at each of its starts.
    package let storeID: StoreID
    package let bootNonce: UInt64
    /// Members whose store is, to the sender's knowledge, not the one that the record names; in the record's order.
    package let replacements: [Replacement]

    package struct Replacement: Equatable, Sendable {
        /// Index in the cluster record.
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

/// Calls that travel together, and their answers in the same order.
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
