internal import Base

/// One choice of an `Accept` or `Accept-Encoding` field (RFC 9110, 12.5): what, with which parameters, how gladly.
package struct Preference: Equatable, Sendable {
    package struct Parameter: Equatable, Sendable {
        package let name: String
        package let value: String
    }

    /// In lower case: `text/plain`, `gzip`, `*`.
    package let name: String
    /// But for the weight; names in lower case, values without quotes.
    package let parameters: [Parameter]
    /// Thousandths. 0: not at all.
    package let weight: Int

    package subscript(parameter: String) -> String? { parameters.first { $0.name == parameter }?.value }
}

extension RequestHead {
    /// The choices of all lines of a field, in order; empty when there is none. Nil when one cannot be understood.
    package func preferences(of header: KnownHeader) -> [Preference]? {
        var found: [Preference] = []
        var isUnderstood = true
        forEachValue(of: header) { value in
            var members = ListMembers(of: value)
            while let member = members.next(in: bytes.span) {
                if member.isEmpty { continue }
                guard let preference = Preference(bytes[member]) else {
                    isUnderstood = false
                    return
                }
                found.append(preference)
            }
        }
        return isUnderstood ? found : nil
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

    /// `0`, `1`, and up to three digits behind the point; never above 1.
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
