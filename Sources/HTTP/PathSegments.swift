/// A raw path split at its slashes, before anything is decoded: a segment may hold `%2F`, and that is no slash.
///
/// `/a/b` has two segments. `/a/b/` has the same two and a trailing slash; `/` has none, and no trailing slash. `/a//b`
/// has an empty one in its middle. Nothing here allocates; a path deeper than `capacity` is counted but not kept, and
/// no route is as deep.
package struct PathSegments: Sendable {
    package static let capacity = 8

    /// How many there are, kept or not.
    package private(set) var count = 0
    package private(set) var hasTrailingSlash = false
    package private(set) var hasEmptySegment = false
    private var ranges = InlineArray<8, Range<Int>>(repeating: 0..<0)

    /// The segments of the part of `bytes` in `path`; nil for a path without a slash in front, such as `*`.
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

    /// Where a segment stands in the bytes the path is part of. Requires `index` below `count` and `capacity`.
    package subscript(index: Int) -> Range<Int> {
        precondition(index < count, "a segment must exist to be asked for")
        return ranges[index]
    }

    private mutating func add(_ segment: Range<Int>) {
        if segment.isEmpty { hasEmptySegment = true }
        if count < Self.capacity { ranges[count] = segment }
        count += 1
    }
}
