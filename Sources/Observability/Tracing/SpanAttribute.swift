/// A key and a value of a span. Keys are literals of this program; values may come from clients.
package struct SpanAttribute: Equatable, Sendable {
    package enum Value: Equatable, Sendable {
        case text(String)
        /// Text as received, possibly not valid UTF-8. It is repaired when it is encoded.
        case bytes(ArraySlice<UInt8>)
        case requestID(RequestID)
        case integer(Int)
        case flag(Bool)
    }

    package let key: String
    package let value: Value

    package init(_ key: String, _ value: Value) {
        self.key = key
        self.value = value
    }
}

extension SpanAttribute.Value {
    package static func bytes(_ bytes: [UInt8]) -> SpanAttribute.Value { .bytes(bytes[...]) }
}

/// Computes attributes of a span when it is encoded or listed. The span keeps the values as they were at hand when the
/// work was done, so that a span that nobody reads does not pay for its attributes.
package protocol SpanAttributeSource: Sendable {
    /// Calls `body` with each attribute, each key once.
    func forEachAttribute(_ body: (_ key: String, _ value: SpanAttribute.Value) -> Void)
    /// Whether the work was done for the request with this id.
    func belongs(toRequest requestID: [UInt8]) -> Bool
    /// The approximate memory of the source in bytes.
    var byteCount: Int { get }
}

extension SpanLimits {
    func cut(_ value: SpanAttribute.Value) -> SpanAttribute.Value {
        switch value {
        case .text(let text) where text.utf8.count > attributeValueBytes:
            var end = text.startIndex
            var room = attributeValueBytes
            while end < text.endIndex, text[end].utf8.count <= room {
                room -= text[end].utf8.count
                end = text.index(after: end)
            }
            return .text(String(text[..<end]))
        case .bytes(let bytes): return .bytes(bytes.prefix(attributeValueBytes))
        case .requestID(let id): return cut(.text(id.text))
        default: return value
        }
    }
}
