/// The limits of the HTTP parser. Whatever a client sends, one parser holds at most one head and one line of chunk
/// framing or trailers, and no byte of the body.
package struct HTTPLimits: Sendable {
    /// The most bytes of a request target. A longer target is refused with 414. A scan with `prefix`, `start`, `end`
    /// and `after` of 1024 bytes each fits, even if all of them need percent-encoding: 3 x 3072 + 2049 bytes and 700
    /// for the rest.
    package var maximumTargetBytes = 12 * 1024
    /// The most bytes of a request's head: request line, field lines and their line ends together. A longer head is
    /// refused with 431. A trailer section has the same limit of its own.
    package var maximumHeadBytes = 16 * 1024
    /// The most field lines of a request's head; more are refused with 431. A trailer section has the same limit of its
    /// own.
    package var maximumFields = 100
    /// The most bytes of a request's body, unless `RequestParser.maximumBodyBytes` is set for the request. A larger
    /// body is refused with 413.
    package var maximumBodyBytes = 1024 * 1024
    /// The most bytes of one chunk-size line with its extensions and line end.
    package var maximumChunkLineBytes = 256
    /// The most bytes of chunk extensions and leading zeros in one body together. Without this limit, a body of
    /// one-byte chunks could make the server read hundreds of times the body's size.
    package var maximumChunkExtensionBytes = 16 * 1024
    /// Empty lines that are ignored before a request line (RFC 9112, 2.2).
    package var maximumEmptyLines = 2

    /// An upper bound, in bytes, of a request line without its target: method, two spaces, version and line end.
    static let requestLineOverheadBytes = 64
    /// The buffer of a head or of a chunk line that has grown beyond this many bytes is freed before its next use, so
    /// that idle connections do not hold its memory.
    static let keptBytes = 3 * 1024
    /// Lines are copied from the input in portions of this size. Most heads fit into one portion, and little is copied
    /// that belongs to the body.
    static let portionBytes = 512
    /// Offsets into a head are kept in 16 bits each.
    static let largestHeadBytes = Int(UInt16.max)

    package init() {}

    package static let standard = HTTPLimits()

    /// The longest request line, line end included.
    var maximumRequestLineBytes: Int { maximumTargetBytes + Self.requestLineOverheadBytes }

    /// Traps on limits that contradict each other.
    func validate() {
        precondition(maximumHeadBytes <= Self.largestHeadBytes, "maximumHeadBytes must fit offsets of 16 bits")
        precondition(maximumRequestLineBytes < maximumHeadBytes, "maximumHeadBytes must have room for a request line")
        precondition(maximumFields > 0, "maximumFields must be positive")
        precondition(maximumBodyBytes >= 0, "maximumBodyBytes must not be negative")
        precondition(
            maximumChunkLineBytes > 2 && maximumChunkExtensionBytes >= 0 && maximumEmptyLines >= 0,
            "maximumChunkLineBytes must have room for a line end, and no limit may be negative")
    }
}
