/// The limits and timeouts of this client.
enum ControlLimits {
    static let connectTimeoutMilliseconds = 3_000
    /// Far longer than a node's operation timeout, so that the node's own error arrives first.
    static let timeoutMilliseconds = 30_000
    /// For one page of a scan: 10,000 items of up to 32 MiB each may take minutes.
    static let scanTimeoutMilliseconds = 600_000
    /// Short, because nodes read spans from memory, and the spans of the other nodes are shown without a node that does
    /// not answer.
    static let traceTimeoutMilliseconds = 5_000
    /// The most spans requested from one node.
    static let spans = 5_000
    /// The most traces shown for one request id, newest first.
    static let traces = 20
    /// The largest answer that is held in memory.
    static let answerBytes = 64 * 1024 * 1024
    /// The largest item read from a file or from standard input; a node's own limit, `--max-item-bytes`, is lower.
    static let inputBytes = 64 * 1024 * 1024
    /// The largest entry, key and item, of a scan's answer.
    static let entryBytes = 64 * 1024 * 1024
    /// The largest scan answer when its entries are left out.
    static let envelopeBytes = 64 * 1024
    /// Output is written when the buffer holds this many bytes.
    static let outputBufferBytes = 64 * 1024
    /// How much of an invalid answer is shown.
    static let invalidAnswerCharacters = 200
}
