/// Collects the head of a response from the lines that curl passes on. An interim response (1xx) has a head of its own,
/// which the final one replaces. Lines after the head are a trailer section, which is ignored.
struct ResponseHead {
    private(set) var status = 0
    private(set) var fields: [UInt8] = []
    private var isComplete = false

    /// Adds one line of the response, which includes its line end.
    mutating func append(_ line: UnsafeRawBufferPointer) {
        if line.starts(with: "HTTP/".utf8) {
            self = ResponseHead()
            status = Self.status(in: line)
        } else if !isComplete {
            isComplete = line.first == UInt8(ascii: "\r") || line.first == UInt8(ascii: "\n")
            if !isComplete { fields.append(contentsOf: line) }
        }
    }

    /// Returns the status code of a status line: the three digits behind its first space. Curl has checked that they
    /// exist.
    private static func status(in line: UnsafeRawBufferPointer) -> Int {
        line.drop { $0 != UInt8(ascii: " ") }.dropFirst().prefix(3).reduce(0) { $0 * 10 + Int($1 & 0x0F) }
    }
}
