/// The reason why percent-encoded text cannot be decoded.
package enum PercentError: Error, Equatable, Sendable {
    /// The percent sign at `offset` is not followed by two hexadecimal digits.
    case malformed(offset: Int)
}

/// Decodes percent-encoded `text`. `+` stays a plus sign, as in a path. The result may be any bytes, valid UTF-8 or
/// not.
package func percentDecode(_ text: Span<UInt8>) throws(PercentError) -> [UInt8] {
    try percentDecode(text, plusAsSpace: false)
}

func percentDecode(_ text: Span<UInt8>, plusAsSpace: Bool) throws(PercentError) -> [UInt8] {
    var decoded: [UInt8] = []
    decoded.reserveCapacity(text.count)
    var index = 0
    while index < text.count {
        switch text[index] {
        case UInt8(ascii: "%"):
            guard index + 2 < text.count, let high = text[index + 1].hexDigitValue,
                let low = text[index + 2].hexDigitValue
            else { throw .malformed(offset: index) }
            decoded.append(high << 4 | low)
            index += 3
            continue
        case UInt8(ascii: "+") where plusAsSpace: decoded.append(.space)
        case let byte: decoded.append(byte)
        }
        index += 1
    }
    return decoded
}

private let upperDigits: [UInt8] = Array("0123456789ABCDEF".utf8)

extension Array where Element == UInt8 {
    /// Appends `bytes` in the form of one path segment or one part of a query: all but letters, digits and `-._~` are
    /// percent-encoded.
    package mutating func appendPercentEncoded(_ bytes: Span<UInt8>) {
        for index in bytes.indices {
            let byte = bytes[index]
            if ByteClass.unreserved.contains(byte) {
                append(byte)
            } else {
                append(UInt8(ascii: "%"))
                append(upperDigits[Int(byte >> 4)])
                append(upperDigits[Int(byte & 0xF)])
            }
        }
    }
}
