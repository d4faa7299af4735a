/// Why a node rejected a message, as a sentence for the operator of the sending node.
package struct PeerRejection: Error, Equatable, Sendable {
    package let reason: String
    /// Whether the bytes are not a valid message at all.
    package let isMalformed: Bool

    package init(_ reason: String, isMalformed: Bool = false) {
        self.reason = reason
        self.isMalformed = isMalformed
    }
}
