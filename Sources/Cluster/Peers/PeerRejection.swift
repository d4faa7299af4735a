/// A node rejects a message of another node. The reason is a sentence for the operator of the sender.
package struct PeerRejection: Error, Equatable, Sendable {
    package let reason: String
    /// The bytes are no valid message, for this node or any other.
    package let isMalformed: Bool

    package init(_ reason: String, isMalformed: Bool = false) {
        self.reason = reason
        self.isMalformed = isMalformed
    }
}
