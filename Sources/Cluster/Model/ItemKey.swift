/// The name of an item within its table: 1 to 1024 bytes of valid UTF-8, kept and compared as bytes.
package struct ItemKey: Hashable, Comparable, Sendable {
    package static let maximumBytes = 1024

    package let bytes: [UInt8]

    package init(validating bytes: [UInt8]) throws(NameError) {
        guard !bytes.isEmpty else { throw .empty }
        guard bytes.count <= Self.maximumBytes else { throw .tooLong(bytes: bytes.count) }
        guard (try? UTF8Span(validating: bytes.span)) != nil else { throw .notUTF8 }
        self.bytes = bytes
    }

    /// For bytes that were validated before they were stored.
    package init(stored bytes: [UInt8]) {
        self.bytes = bytes
    }

    package static func < (left: ItemKey, right: ItemKey) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}

/// Why a table name or an item key is invalid.
package enum NameError: Error, Equatable, Sendable {
    case empty
    case tooLong(bytes: Int)
    case notUTF8
    case notAllowed(byte: UInt8)
}
