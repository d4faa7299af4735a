/// Gathers the head of an answer from the lines in which curl hands it over. An interim answer (100) has a head of its
/// own that the final one replaces; lines after the head are a trailer section, which we do not read.
struct ResponseHead {
    private(set) var status = 0
    private(set) var fields: [UInt8] = []
    private var isComplete = false

    /// `line` with its line end.
    mutating func take(_ line: UnsafeRawBufferPointer) {
        if line.starts(with: "HTTP/".utf8) {
            self = ResponseHead()
            status = Self.status(in: line)
        } else if !isComplete {
            isComplete = line.first == UInt8(ascii: "\r") || line.first == UInt8(ascii: "\n")
            if !isComplete { fields.append(contentsOf: line) }
        }
    }

    /// The digits behind the first space; curl has checked that they are there.
    private static func status(in line: UnsafeRawBufferPointer) -> Int {
        line.drop { $0 != UInt8(ascii: " ") }.dropFirst().prefix(3).reduce(0) { $0 * 10 + Int($1 & 0x0F) }
    }
}
