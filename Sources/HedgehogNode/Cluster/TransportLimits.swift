/// The limits of HTTP requests between nodes.
enum TransportLimits {
    /// The largest message between nodes, request or answer, in bytes. Large messages hold a batch of items or a page
    /// of a scan.
    static let messageBytes = 64 << 20
    /// The most concurrent requests to one peer: a few per lane, and room for requests on a dead connection, which end
    /// only with their timeout.
    static let requestsPerPeer = 32
    /// The most concurrent requests to all peers together.
    static let requests = 512
    /// At most this many peer addresses have traffic counters. It is more than there can be members, because heartbeats
    /// may name other addresses.
    static let countedAddresses = 1_024
    /// The most bytes of messages to all peers that wait for an answer. Each message is in memory twice: here and in
    /// curl.
    static let bytesInFlight = 128 << 20
    /// The timeout of an attempt to connect to a peer, in milliseconds. A healthy peer accepts in less than a
    /// millisecond.
    static let connectMilliseconds = 1_000
    /// An error message from a peer is cut after this many bytes in log lines and answers.
    static let sentenceBytes = 512
    static let secretBytes = 256
}
