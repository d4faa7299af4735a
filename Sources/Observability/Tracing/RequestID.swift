internal import Base

/// The request id, which connects the log lines, responses and errors of one request: text from the client, or a new
/// UUID. An id from the client is never edited: an invalid id is refused completely, so that a search for the id that
/// the client sent finds the request, and no id can split a header or forge a log line.
package struct RequestID: Equatable, Sendable {
    private enum Storage: Equatable, Sendable {
        case given([UInt8])
        /// A generated request id, the 16 bytes of a UUID. Most requests have one, and it needs no allocation.
        case generated(high: UInt64, low: UInt64)
    }

    private let storage: Storage

    /// Reads a request id from a client. Returns nil unless it consists of 1 to 128 of the characters
    /// `[A-Za-z0-9._~:/+=@-]`.
    package init?(validating text: Span<UInt8>) {
        guard 1...ObservabilityLimits.requestIDBytes ~= text.count else { return nil }
        for index in text.indices {
            guard Self.isAllowed(text[index]) else { return nil }
        }
        storage = .given(Array(copying: text))
    }

    /// Makes a new request id: a random UUID, version 4.
    package init(using generator: inout some RandomNumberGenerator) {
        let high: UInt64 = generator.next()
        let low: UInt64 = generator.next()
        storage = .generated(high: high & ~0xF000 | 0x4000, low: low & ~(0b11 << 62) | 0b10 << 62)
    }

    package func append(to text: inout [UInt8]) {
        text.append(addingCapacity: ObservabilityLimits.requestIDBytes) { append(to: &$0) }
    }

    func append(to text: inout OutputSpan<UInt8>) {
        switch storage {
        case .given(let bytes):
            text.append(bytes.span)
        case .generated(let high, let low):
            text.appendUUID(high: high, low: low)
        }
    }

    package func equals(_ text: [UInt8]) -> Bool {
        switch storage {
        case .given(let bytes): return bytes == text
        case .generated:
            var bytes: [UInt8] = []
            append(to: &bytes)
            return bytes == text
        }
    }

    package var textByteCount: Int {
        if case .given(let bytes) = storage { bytes.count } else { 36 }
    }

    package var text: String {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "-")...UInt8(ascii: ":"),  // - . / 0 to 9 :
            UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "+"), UInt8(ascii: "="), UInt8(ascii: "@"):
            true
        default:
            false
        }
    }
}
