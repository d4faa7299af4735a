internal import Base

/// One alternative of an `Accept` or `Accept-Encoding` field (RFC 9110, 12.5): a name, its parameters and its weight.
package struct Preference: Equatable, Sendable {
    package struct Parameter: Equatable, Sendable {
        package let name: String
        package let value: String
    }

    /// The media range or coding in lower case, such as `text/plain`, `gzip` or `*`.
    package let name: String
    /// The parameters of the alternative except its weight `q`, with names in lower case and values without quotes.
    package let parameters: [Parameter]
    /// The `q` value in thousandths. 0 means not acceptable.
    package let weight: Int

    package subscript(parameter: String) -> String? { parameters.first { $0.name == parameter }?.value }
}

extension RequestHead {
    /// The alternatives of all lines of a field, in order; empty when the field is absent. Nil when one of them is
    /// malformed.
    package func preferences(of header: KnownHeader) -> [Preference]? {
        var found: [Preference] = []
        var isWellFormed = true
        forEachValue(of: header) { value in
            var members = ListMembers(of: value)
            while let member = members.next(in: bytes.span) {
                if member.isEmpty { continue }
                guard let preference = Preference(bytes[member]) else {
                    isWellFormed = false
                    return
                }
                found.append(preference)
            }
        }
        return isWellFormed ? found : nil
    }
}

extension Preference {
    init?(_ text: ArraySlice<UInt8>) {
        var parts = text.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false).map(\.withoutBlanks)
        let name = parts.removeFirst()
        guard !name.isEmpty, name.allSatisfy({ ByteClass.token.contains($0) || $0 == UInt8(ascii: "/") }) else {
            return nil
        }
        var parameters: [Parameter] = []
        var weight = 1_000
        for part in parts where !part.isEmpty {
            guard let parameter = Parameter(part) else { return nil }
            if parameter.name == "q" {
                guard let given = Self.thousandths(parameter.value) else { return nil }
                weight = given
            } else {
                parameters.append(parameter)
            }
        }
        self.name = String(decoding: name, as: UTF8.self).lowercased()
        self.parameters = parameters
        self.weight = weight
    }

    /// Parses a `q` value: `0` or `1` with up to three decimal places, at most 1. Returns nil for anything else.
    private static func thousandths(_ text: String) -> Int? {
        let digits = Array(text.utf8)
        guard let first = digits.first, first == UInt8(ascii: "0") || first == UInt8(ascii: "1"), digits.count <= 5,
            digits.count == 1 || digits[1] == UInt8(ascii: ".")
        else { return nil }
        var value = Int(first - UInt8(ascii: "0"))
        for index in 2..<5 {
            let digit = index < digits.count ? digits[index] : UInt8(ascii: "0")
            guard digit.isDecimalDigit else { return nil }
            value = value * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return value <= 1_000 ? value : nil
    }
}

extension Preference.Parameter {
    init?(_ text: ArraySlice<UInt8>) {
        guard let equals = text.firstIndex(of: UInt8(ascii: "=")) else { return nil }
        let name = text[..<equals].withoutBlanks
        var value = text[(equals + 1)...].withoutBlanks
        if value.count >= 2, value.first == UInt8(ascii: "\""), value.last == UInt8(ascii: "\"") {
            value = value.dropFirst().dropLast()
        }
        guard !name.isEmpty, name.allSatisfy(ByteClass.token.contains), value.allSatisfy(ByteClass.token.contains)
        else { return nil }
        self.name = String(decoding: name, as: UTF8.self).lowercased()
        self.value = String(decoding: value, as: UTF8.self)
    }
}

extension ArraySlice where Element == UInt8 {
    fileprivate var withoutBlanks: ArraySlice<UInt8> {
        var rest = drop { $0 == .space || $0 == .tab }
        while let last = rest.last, last == .space || last == .tab { rest.removeLast() }
        return rest
    }
}
