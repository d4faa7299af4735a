internal import Base

/// A trace id: the 16 bytes that identify a trace in W3C Trace Context; never zero.
package struct TraceID: Hashable, Sendable {
    package static let digitCount = 32

    package let high: UInt64
    package let low: UInt64

    package init?(high: UInt64, low: UInt64) {
        guard high | low != 0 else { return nil }
        self.high = high
        self.low = low
    }

    /// Makes a random trace id.
    package init(using generator: inout some RandomNumberGenerator) {
        high = generator.next()
        let drawn: UInt64 = generator.next()
        low = high | drawn == 0 ? 1 : drawn
    }

    /// Reads a trace id of exactly 32 lowercase hexadecimal digits, not all zero. Returns nil for any other text.
    package init?(lowercaseHex text: Span<UInt8>) {
        guard text.count == Self.digitCount, let high = UInt64(lowercaseHex: text.extracting(0..<16)),
            let low = UInt64(lowercaseHex: text.extracting(16..<32))
        else { return nil }
        self.init(high: high, low: low)
    }

    /// Reads a trace id in the usual forms of `X-Trace-ID`: 32 lowercase hexadecimal digits, or a UUID with dashes in
    /// upper or lower case.
    package init?(loose text: Span<UInt8>) {
        guard text.count == 36 else {
            self.init(lowercaseHex: text)
            return
        }
        var digits: [UInt8] = []
        digits.reserveCapacity(Self.digitCount)
        for index in text.indices {
            let byte = text[index]
            switch index {
            case 8, 13, 18, 23:
                guard byte == UInt8(ascii: "-") else { return nil }
            default:
                digits.append(UInt8(ascii: "A")...UInt8(ascii: "F") ~= byte ? byte | 0x20 : byte)
            }
        }
        self.init(lowercaseHex: digits.span)
    }

    package func append(to text: inout [UInt8]) {
        text.appendHex(high)
        text.appendHex(low)
    }

    func append(to text: inout OutputSpan<UInt8>) {
        text.appendHex(high)
        text.appendHex(low)
    }
}

/// A span id: the 8 bytes that identify a span in a trace; never zero.
package struct SpanID: Hashable, Sendable {
    package let rawValue: UInt64

    package init?(rawValue: UInt64) {
        guard rawValue != 0 else { return nil }
        self.rawValue = rawValue
    }

    package init(using generator: inout some RandomNumberGenerator) {
        let drawn: UInt64 = generator.next()
        rawValue = drawn == 0 ? 1 : drawn
    }

    package init?(lowercaseHex text: Span<UInt8>) {
        guard let value = UInt64(lowercaseHex: text) else { return nil }
        self.init(rawValue: value)
    }

    package func append(to text: inout [UInt8]) {
        text.appendHex(rawValue)
    }

    func append(to text: inout OutputSpan<UInt8>) {
        text.appendHex(rawValue)
    }
}
