#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// What the nodes of a cluster show each other, so that nobody else can speak for one. It travels as a header field, so
/// it is printable and has no blanks; it appears in no log line and no answer.
package struct ClusterSecret: Sendable {
    private static let allowed =
        "a first line of 1 to \(TransportLimits.secretBytes) printable ASCII characters, no blanks,"

    private let bytes: [UInt8]

    init?(_ bytes: [UInt8]) {
        guard (1...TransportLimits.secretBytes).contains(bytes.count), bytes.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        self.bytes = bytes
    }

    /// The first line of a file.
    init(path: String, origin: String) throws(ConfigurationError) {
        guard let content = try? Data(contentsOf: URL(fileURLWithPath: path)) else {
            throw ConfigurationError("\(origin): the file \(path) cannot be read")
        }
        var line = Array(content.prefix { $0 != UInt8(ascii: "\n") })
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        guard let secret = ClusterSecret(line) else {
            throw ConfigurationError("\(origin): the file \(path) has another content; \(Self.allowed) is allowed")
        }
        self = secret
    }

    var headerLine: String { "X-Cluster-Secret: \(String(decoding: bytes, as: UTF8.self))" }

    /// Takes as long for a guess that begins right as for any other.
    func matches(_ shown: ArraySlice<UInt8>) -> Bool {
        guard shown.count == bytes.count else { return false }
        var difference: UInt8 = 0
        for (one, other) in zip(bytes, shown) { difference |= one ^ other }
        return difference == 0
    }
}
