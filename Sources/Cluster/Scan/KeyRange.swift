/// The range of keys that a page may contain, compared as bytes.
package struct KeyRange: Equatable, Sendable {
    /// The lower bound, inclusive.
    package private(set) var lower: [UInt8] = []
    /// The upper bound, exclusive; nil for a range without an upper bound.
    package private(set) var upper: [UInt8]?

    /// The keys that satisfy the request's `start`, `end`, `prefix` and `after`. Bounds are bytes rather than keys,
    /// because a prefix may end within a character.
    package init(of request: PageRequest) {
        if !request.prefix.isEmpty {
            lower = request.prefix
            // Keys are UTF-8, which never contains the byte FF, so the prefix followed by FF sorts above all keys with
            // the prefix.
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
