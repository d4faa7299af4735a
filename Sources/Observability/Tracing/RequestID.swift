internal import Base

/// What ties together the lines, answers and errors of one request: text of the caller's, or a UUID of ours. The
/// caller's is never edited: what is not allowed is refused as a whole, so nobody searches for an id that is nowhere,
/// and no id can split a header or forge a log line.
package struct RequestID: Equatable, Sendable {
    private enum Form: Equatable, Sendable {
        case given([UInt8])
        /// The 16 bytes of a UUID; most requests bear one, and none of them allocates for it.
        case made(high: UInt64, low: UInt64)
    }

    private let form: Form

    /// 1 to 128 of `[A-Za-z0-9._~:/+=@-]`, else nil.
    package init?(validating text: Span<UInt8>) {
        guard 1...ObservabilityLimits.requestIDBytes ~= text.count else { return nil }
        for index in text.indices {
            guard Self.isAllowed(text[index]) else { return nil }
        }
        form = .given(Array(copying: text))
    }

    /// A new UUID, version 4.
    package init(using generator: inout some RandomNumberGenerator) {
        let high: UInt64 = generator.next()
        let low: UInt64 = generator.next()
        form = .made(high: high & ~0xF000 | 0x4000, low: low & ~(0b11 << 62) | 0b10 << 62)
    }

    package func append(to text: inout [UInt8]) {
        text.append(addingCapacity: ObservabilityLimits.requestIDBytes) { append(to: &$0) }
    }

    func append(to text: inout OutputSpan<UInt8>) {
        switch form {
        case .given(let bytes):
            text.append(bytes.span)
        case .made(let high, let low):
            text.appendUUID(high: high, low: low)
        }
    }

    package func isSpelled(_ text: [UInt8]) -> Bool {
        switch form {
        case .given(let bytes): return bytes == text
        case .made:
            var bytes: [UInt8] = []
            append(to: &bytes)
            return bytes == text
        }
    }

    package var textByteCount: Int {
        if case .given(let bytes) = form { bytes.count } else { 36 }
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
