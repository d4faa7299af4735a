/// Names are ours, values may be anything.
package struct SpanAttribute: Equatable, Sendable {
    package enum Value: Equatable, Sendable {
        case text(String)
        /// Text as it came, which may be no UTF-8: repaired where it is written.
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

/// What a piece of work was about. A span keeps this as it was at hand when the work was done, and it is put into words
/// where somebody reads the span: straight into the batch for a collector, into the answer to who asked, or never.
package protocol SpanSubject: Sendable {
    /// Each key at most once.
    func forEachAttribute(_ body: (_ key: String, _ value: SpanAttribute.Value) -> Void)
    /// Whether it was done for the request of that id.
    func isOf(requestID: [UInt8]) -> Bool
    /// About so much memory is held by it.
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
