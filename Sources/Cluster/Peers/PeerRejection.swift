/// A message that a node will have nothing of, and why: a sentence for the operator of the node that sent it.
package struct PeerRejection: Error, Equatable, Sendable {
    package let reason: String
    /// The bytes were no message of ours, whoever it was for.
    package let isMalformed: Bool

    package init(_ reason: String, isMalformed: Bool = false) {
        self.reason = reason
        self.isMalformed = isMalformed
    }
}
