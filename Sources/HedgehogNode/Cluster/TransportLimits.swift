/// The bounds of what this node says to its peers and hears from them.
enum TransportLimits {
    /// Of a message or of its answer: a batch of items, or a page.
    static let messageBytes = 64 << 20
    /// Requests under way to one peer: a few a lane, and room for those that a dead connection holds until its timeout.
    static let requestsPerPeer = 32
    static let requests = 512
    /// Addresses whose bytes are counted: more than there can be members, since gossip may name others.
    static let countedAddresses = 1_024
    /// Of messages that wait for their answer, to all peers. Each is held twice: by us and by curl.
    static let bytesInFlight = 128 << 20
    /// A healthy peer takes a connection in less than a millisecond; one that does not within this is not waited for.
    static let connectMilliseconds = 1_000
    /// Of a peer's sentence, which goes into log lines and answers.
    static let sentenceBytes = 512
    static let secretBytes = 256
}
