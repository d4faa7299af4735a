/// The bounds of this tool.
enum ControlLimits {
    static let connectTimeoutMilliseconds = 3_000
    /// A node gives up on an operation long before.
    static let timeoutMilliseconds = 30_000
    /// One page of a scan, which may be as long as its items are large.
    static let scanTimeoutMilliseconds = 600_000
    /// What a node says of its spans: it has them in memory, and the others are shown without it.
    static let traceTimeoutMilliseconds = 5_000
    /// Spans that one node is asked for.
    static let spans = 5_000
    /// Traces of one request id that are shown, the newest.
    static let traces = 20
    /// An answer that is held whole.
    static let answerBytes = 64 * 1024 * 1024
    /// What is read from a file or from standard input; a node refuses much less.
    static let inputBytes = 64 * 1024 * 1024
    /// One key and item in an answer to a scan.
    static let entryBytes = 64 * 1024 * 1024
    /// An answer to a scan without its items.
    static let envelopeBytes = 64 * 1024
    /// Output that is gathered before it is written.
    static let outputBufferBytes = 64 * 1024
    /// How much of an answer that we do not understand is shown.
    static let strangeAnswerCharacters = 200
}
