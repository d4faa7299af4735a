/// Every bound of this module, in one place. Whatever a peer sends, one parser holds at most a head, a line of chunk
/// framing or of a trailer, and nothing of the body.
package struct HTTPLimits: Sendable {
    /// Refused with 414 beyond it.
    package var maximumTargetBytes = 8 * 1024
    /// Request line, fields and their line ends together; a trailer section may be as long again. Refused with 431.
    package var maximumHeadBytes = 16 * 1024
    /// Field lines of a head, and again of a trailer section. Refused with 431.
    package var maximumFields = 100
    /// What a request may bear unless its route sets `RequestParser.maximumBodyBytes`. Refused with 413.
    package var maximumBodyBytes = 1024 * 1024
    /// One chunk-size line with its extensions and line end.
    package var maximumChunkLineBytes = 256
    /// The chunk extensions and leading zeros of one body together: without it, a body of chunks of one byte costs us
    /// hundreds of times its size to read.
    package var maximumChunkExtensionBytes = 16 * 1024
    /// Empty lines forgiven before a request line (RFC 9112, 2.2).
    package var maximumEmptyLines = 2

    /// What a request line may hold beside its target: the method, two spaces, the version, the line end.
    static let requestLineSlackBytes = 64
    /// A buffer that grew beyond this is given back before its next use, for the sake of idle connections.
    static let keptBytes = 3 * 1024
    /// Lines are collected in portions of this many bytes: most heads are one, and little is copied in vain.
    static let portionBytes = 512
    /// Offsets into a head are kept in 16 bits each.
    static let largestHeadBytes = Int(UInt16.max)

    package init() {}

    package static let standard = HTTPLimits()

    /// The longest request line with its line end.
    var maximumRequestLineBytes: Int { maximumTargetBytes + Self.requestLineSlackBytes }

    func checkSense() {
        precondition(maximumHeadBytes <= Self.largestHeadBytes, "a head must fit offsets of 16 bits")
        precondition(maximumRequestLineBytes < maximumHeadBytes, "a head must have room for its request line")
        precondition(maximumFields > 0 && maximumBodyBytes >= 0, "a limit must leave room for a request")
        precondition(maximumChunkLineBytes > 2 && maximumChunkExtensionBytes >= 0 && maximumEmptyLines >= 0,
            "a limit must leave room for a chunk")
    }
}
