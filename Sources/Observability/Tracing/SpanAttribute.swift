/// An attribute of a span or of the OpenTelemetry resource: a key and a value. The keys of spans are literals of this
/// program; values may come from clients.
package struct SpanAttribute: Equatable, Sendable {
    package enum Value: Equatable, Sendable {
        case text(String)
        /// Text as received, possibly not valid UTF-8. Invalid parts are replaced when the attribute is encoded.
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

/// A source of span attributes that are computed only when the span is exported or shown. It stores the values in the
/// form in which the work used them, so that a span that nobody reads does not pay for its attributes.
package protocol SpanAttributeSource: Sendable {
    /// Calls `body` with each attribute of the source. No key occurs twice.
    func forEachAttribute(_ body: (_ key: String, _ value: SpanAttribute.Value) -> Void)
    /// Returns whether the work of the span was done for the request with the id `requestID`.
    func belongs(toRequest requestID: [UInt8]) -> Bool
    /// The approximate memory of the attribute source in bytes.
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
