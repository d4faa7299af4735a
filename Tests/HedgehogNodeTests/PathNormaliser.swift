/// A rule by which clients or proxies change a path before it reaches a node. `path` has no query.
struct PathNormaliser: Sendable, CustomStringConvertible {
    let description: String
    let normalise: @Sendable (_ path: String) -> String

    static let all: [PathNormaliser] = [
        PathNormaliser("none") { $0 },
        PathNormaliser("RFC 3986 remove_dot_segments", removeDotSegments),
        PathNormaliser("RFC 3986, unreserved characters decoded") { removeDotSegments(decode($0, only: unreserved)) },
        PathNormaliser("Go path.Clean", clean),
        PathNormaliser("Go path.Clean of the decoded path") { encode(clean(decode($0))) },
        PathNormaliser("nginx merge_slashes", mergeSlashes),
        PathNormaliser("nginx, path decoded and normalised") { encode(removeDotSegments(mergeSlashes(decode($0)))) },
        PathNormaliser("WHATWG URL") { removeDotSegments(decodeDots($0.replacing("\\", with: "/"))) },
        PathNormaliser("Tomcat, path parameters removed") {
            let segments = $0.split(separator: "/", omittingEmptySubsequences: false)
            let bare = segments.map { $0.prefix { $0 != ";" } }.joined(separator: "/")
            return encode(removeDotSegments(mergeSlashes(decode(bare))))
        },
        PathNormaliser("two proxies that decode") { encode(clean(decode(decode($0)))) },
        PathNormaliser("slashes decoded only") { clean($0.replacing("%2F", with: "/").replacing("%2f", with: "/")) },
    ]

    private init(_ description: String, _ normalise: @escaping @Sendable (String) -> String) {
        self.description = description
        self.normalise = normalise
    }

    /// Characters with no meaning in a URL, which RFC 3986 (6.2.2.2) allows a normaliser to decode.
    private static let unreserved = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~".utf8)

    /// RFC 3986, 5.2.4.
    private static func removeDotSegments(_ path: String) -> String {
        var output: [Substring] = []
        let segments = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        for (index, segment) in segments.enumerated() {
            let isLast = index == segments.count - 1
            switch segment {
            case ".": if isLast { output.append("") }
            case "..":
                _ = output.popLast()
                if isLast { output.append("") }
            default: output.append(segment)
            }
        }
        return "/" + output.joined(separator: "/")
    }

    private static func mergeSlashes(_ path: String) -> String { path.replacing(/\/+/, with: "/") }

    private static func clean(_ path: String) -> String {
        let cleaned = removeDotSegments(mergeSlashes(path))
        return cleaned.count > 1 && cleaned.hasSuffix("/") ? String(cleaned.dropLast()) : cleaned
    }

    private static func decodeDots(_ path: String) -> String {
        path.replacing("%2e", with: ".").replacing("%2E", with: ".")
    }

    private static func decode(_ path: String, only allowed: Set<UInt8>? = nil) -> String {
        var bytes: [UInt8] = []
        var rest = Array(path.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            guard byte == UInt8(ascii: "%"), digits.utf8.count == 2, let decoded = UInt8(digits, radix: 16),
                allowed?.contains(decoded) ?? true
            else {
                bytes.append(byte)
                continue
            }
            bytes.append(decoded)
            rest = rest.dropFirst(2)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Percent-encodes the bytes that a URL path may not contain, and the characters `?` and `#`, which would end the
    /// path.
    static func encode(_ path: String) -> String {
        path.utf8.map { byte in
            let isPlain = unreserved.contains(byte) || "/;:@!$&'()*+,=\\".utf8.contains(byte)
            return isPlain ? String(UnicodeScalar(byte)) : hex(byte)
        }.joined()
    }

    static func hex(_ byte: UInt8) -> String {
        "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }
}
