#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The secret that authenticates the nodes of a cluster to each other. It is sent as a header field, so it consists of
/// printable ASCII characters without blanks. It must not appear in log lines or answers.
package struct ClusterSecret: Sendable {
    private static let allowed =
        "a first line of 1 to \(TransportLimits.secretBytes) printable ASCII characters without blanks"

    private let bytes: [UInt8]

    init?(_ bytes: [UInt8]) {
        guard (1...TransportLimits.secretBytes).contains(bytes.count), bytes.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        self.bytes = bytes
    }

    /// Reads the cluster secret from the first line of a file. `origin` names the setting in errors.
    init(path: String, origin: String) throws(ConfigurationError) {
        guard let content = try? Data(contentsOf: URL(fileURLWithPath: path)) else {
            throw ConfigurationError("\(origin): cannot read the file \(path)")
        }
        var line = Array(content.prefix { $0 != UInt8(ascii: "\n") })
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        guard let secret = ClusterSecret(line) else {
            throw ConfigurationError("\(origin): the file \(path) has no valid secret; \(Self.allowed) is allowed")
        }
        self = secret
    }

    var headerLine: String { "X-Cluster-Secret: \(String(decoding: bytes, as: UTF8.self))" }

    /// Compares the secret of a request with this one in constant time, so that the duration does not reveal how many
    /// bytes of a guess are right.
    func matches(_ shown: ArraySlice<UInt8>) -> Bool {
        guard shown.count == bytes.count else { return false }
        var difference: UInt8 = 0
        for (one, other) in zip(bytes, shown) { difference |= one ^ other }
        return difference == 0
    }
}
