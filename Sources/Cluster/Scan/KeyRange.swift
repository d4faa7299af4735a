/// The keys that a page may show, compared as bytes.
package struct KeyRange: Equatable, Sendable {
    /// Inclusive.
    package private(set) var lower: [UInt8] = []
    /// Exclusive; nil where the range ends with the last key there is.
    package private(set) var upper: [UInt8]?

    /// What start, end, prefix and the key behind which the request goes on leave together. Bounds are bytes, not keys:
    /// a prefix may end within a character.
    package init(of request: PageRequest) {
        if !request.prefix.isEmpty {
            lower = request.prefix
            // Keys are UTF-8, which has no byte FF: it closes the range of a prefix.
            upper = request.prefix + [0xFF]
        }
        if let start = request.start { raise(to: start) }
        if let end = request.end { cut(at: end) }
        guard let after = request.after else { return }
        if request.reverse { cut(at: after) } else { raise(to: after + [0]) }
    }

    package var isEmpty: Bool {
        guard let upper else { return false }
        return !lower.lexicographicallyPrecedes(upper)
    }

    package func contains(_ key: ItemKey) -> Bool {
        if key.bytes.lexicographicallyPrecedes(lower) { return false }
        return upper.map(key.bytes.lexicographicallyPrecedes) ?? true
    }

    private mutating func raise(to bound: [UInt8]) {
        if lower.lexicographicallyPrecedes(bound) { lower = bound }
    }

    private mutating func cut(at bound: [UInt8]) {
        if upper.map(bound.lexicographicallyPrecedes) ?? true { upper = bound }
    }
}
