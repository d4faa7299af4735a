import Base
import FuzzHarness
import HTTP

/// Requires that any bytes survive encoding and decoding, that decoded text survives being encoded again, and that a
/// path or query is split exactly at its delimiters.
func checkPercentCoding(_ bytes: Span<UInt8>) {
    let original = Array(copying: bytes)
    var encoded: [UInt8] = []
    encoded.appendPercentEncoded(bytes)
    require(decoded(encoded) == original, "encoded bytes decode to others")
    if let once = decoded(original) {
        require(once.count <= original.count, "decoding made text longer")
        encoded.removeAll(keepingCapacity: true)
        encoded.appendPercentEncoded(once.span)
        require(decoded(encoded) == once, "decoded bytes do not survive being encoded again")
    }
    checkSegments(original)
    checkQuery(original)
}

private func decoded(_ text: [UInt8]) -> [UInt8]? {
    try? percentDecode(text.span)
}

private func checkSegments(_ path: [UInt8]) {
    guard let segments = PathSegments(of: 0..<path.count, in: path) else {
        require(path.first != UInt8(ascii: "/"), "a path that begins with a slash was not split")
        return
    }
    let slashes = path.count { $0 == UInt8(ascii: "/") }
    require(segments.count == (segments.hasTrailingSlash ? slashes - 1 : path.count > 1 ? slashes : 0),
        "the number of segments does not match the slashes")
    for index in 0..<min(segments.count, PathSegments.capacity) {
        require(!path[segments[index]].contains(UInt8(ascii: "/")), "a segment contains a slash")
    }
}

private func checkQuery(_ text: [UInt8]) {
    guard let query = try? Query(0..<text.count, in: text) else { return }
    let parts = text.split(separator: UInt8(ascii: "&")).count
    require(query.parameters.count == parts, "the number of parameters does not match the parts of the query")
}
