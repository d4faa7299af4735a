/// The limits and timeouts of hedgehogctl.
enum ControlLimits {
    static let connectTimeoutMilliseconds = 3_000
    /// The time limit of an ordinary request. It is far longer than a node's operation timeout, so that the node's own
    /// error arrives first.
    static let timeoutMilliseconds = 30_000
    /// The time limit of a request for one page of a scan: 10,000 items of up to 32 MiB each may take minutes.
    static let scanTimeoutMilliseconds = 600_000
    /// The time limit of a request for spans. It is short, because nodes read spans from memory, and the spans of the
    /// other nodes are shown without a node that does not answer.
    static let traceTimeoutMilliseconds = 5_000
    /// The most spans requested from one node.
    static let spans = 5_000
    /// The most traces shown for one request id, newest first.
    static let traces = 20
    /// The most bytes of an answer that is held in memory.
    static let answerBytes = 64 * 1024 * 1024
    /// The largest item read from a file or from standard input; a node's own limit, `--max-item-bytes`, is lower.
    static let inputBytes = 64 * 1024 * 1024
    /// The most bytes of one entry of a scan's answer, key and item together.
    static let entryBytes = 64 * 1024 * 1024
    /// The most bytes of a scan's answer without its entries.
    static let envelopeBytes = 64 * 1024
    /// Output is written when the buffer holds this many bytes.
    static let outputBufferBytes = 64 * 1024
    /// The most characters of an invalid answer that an error message shows.
    static let invalidAnswerCharacters = 200
}
