/// A raw path split at its slashes before it is percent-decoded, so that `%2F` within a segment does not split it.
///
/// `/a/b` has two segments. `/a/b/` has the same two and a trailing slash; `/` has none, and no trailing slash. `/a//b`
/// has an empty segment in the middle. Splitting does not allocate. Segments beyond `capacity` are counted but their
/// positions are not kept; no route has so many.
package struct PathSegments: Sendable {
    package static let capacity = 8

    /// The number of path segments, including those beyond `capacity`, whose positions are not kept.
    package private(set) var count = 0
    package private(set) var hasTrailingSlash = false
    package private(set) var hasEmptySegment = false
    private var ranges = InlineArray<8, Range<Int>>(repeating: 0..<0)

    /// Splits the path in the range `path` of `bytes` at its slashes. Nil for a path that does not begin with a slash,
    /// such as `*`.
    package init?(of path: Range<Int>, in bytes: [UInt8]) {
        let span = bytes.span
        guard !path.isEmpty, span[path.lowerBound] == UInt8(ascii: "/") else { return nil }
        var start = path.lowerBound + 1
        while start < path.upperBound {
            let end = span.firstIndex(of: UInt8(ascii: "/"), in: start..<path.upperBound)
            add(start..<(end ?? path.upperBound))
            hasTrailingSlash = end == path.upperBound - 1
            start = (end ?? path.upperBound) + 1
        }
    }

    /// Returns the range of the path segment at `index` in the bytes that `init` was given. Requires an `index` below
    /// `count` and `capacity`.
    package subscript(index: Int) -> Range<Int> {
        precondition(index < count, "a path segment beyond the last was requested")
        return ranges[index]
    }

    private mutating func add(_ segment: Range<Int>) {
        if segment.isEmpty { hasEmptySegment = true }
        if count < Self.capacity { ranges[count] = segment }
        count += 1
    }
}
