/// The limits of HTTP requests between nodes.
enum TransportLimits {
    /// The largest message or answer, in bytes. Large ones hold a batch of items or a page of a scan.
    static let messageBytes = 64 << 20
    /// Concurrent requests to one peer: a few per lane, and room for requests on a dead connection, which end only with
    /// their timeout.
    static let requestsPerPeer = 32
    /// Concurrent requests to all peers together.
    static let requests = 512
    /// Addresses whose bytes are counted. More than there can be members, because heartbeats may name other addresses.
    static let countedAddresses = 1_024
    /// Bytes of messages to all peers that wait for an answer. Each message is in memory twice: here and in curl.
    static let bytesInFlight = 128 << 20
    /// Timeout of a connection attempt. A healthy peer accepts in less than a millisecond.
    static let connectMilliseconds = 1_000
    /// How much of an error sentence from a peer is kept for log lines and answers.
    static let sentenceBytes = 512
    static let secretBytes = 256
}
