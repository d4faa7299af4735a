/// Reads environment variables and collects warnings about invalid values.
struct EnvironmentReader {
    private let environment: [String: String]
    private(set) var warnings: [String] = []

    init(_ environment: [String: String]) {
        self.environment = environment
    }

    mutating func warn(_ sentence: String) {
        warnings.append(sentence)
    }

    /// Returns the value of an environment variable, or nil if the variable is missing or empty.
    func text(_ name: String) -> String? {
        guard let text = environment[name]?.trimmed, !text.isEmpty else { return nil }
        return text
    }

    /// Returns the first of the environment variables `names` that is set, or the last one if none is set.
    func first(_ names: [String]) -> String {
        precondition(!names.isEmpty, "a variable needs a name")
        return names.first { text($0) != nil } ?? names[names.count - 1]
    }

    /// Reads an integer from an environment variable, written in digits only. An invalid value gives a warning, and the
    /// default is used.
    mutating func integer(_ name: String, default standard: Int, in range: ClosedRange<Int>) -> Int {
        guard let text = text(name) else { return standard }
        guard text.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains), let value = Int(text),
            range.contains(value)
        else {
            let end = range.upperBound == .max ? "up" : "to \(range.upperBound)"
            warn("\(name): \(text.quoted) is not an integer from \(range.lowerBound) \(end); using \(standard)")
            return standard
        }
        return value
    }

    mutating func share(_ name: String, default standard: Double) -> Double {
        guard let text = text(name) else { return standard }
        guard let value = Double(text), (0.0...1.0).contains(value) else {
            warn("\(name): \(text.quoted) is not a number from 0 to 1; using \(standard)")
            return standard
        }
        return value
    }

    /// Reads an environment variable whose value is one of the names in `values`, in upper or lower case. Any other
    /// value gives a warning, and the default is used.
    mutating func choice<Value>(_ name: String, of values: [String: Value], default standard: String) -> Value {
        guard let fallback = values[standard] else {
            preconditionFailure("the default of \(name) is not one of its values")
        }
        guard let text = text(name) else { return fallback }
        if let value = values[text.lowercased()] { return value }
        let known = values.keys.sorted().joined(separator: ", ")
        warn("\(name): \(text.quoted) is not one of \(known); using \(standard)")
        return fallback
    }

    mutating func flag(_ name: String, default standard: Bool) -> Bool {
        let values = ["1": true, "true": true, "0": false, "false": false]
        return choice(name, of: values, default: standard ? "1" : "0")
    }

    /// Reads an environment variable of the form `key=value,key=value`, whose keys and values are percent-encoded. A
    /// list with an error is ignored completely, because half a list would be harder to notice.
    mutating func pairs(_ name: String, isSecret: Bool = false) -> [(key: String, value: String)] {
        guard let text = text(name) else { return [] }
        var pairs: [(key: String, value: String)] = []
        for member in text.split(separator: ",") where !member.allSatisfy({ $0 == " " || $0 == "\t" }) {
            guard let equals = member.firstIndex(of: "="), !member.contains(";"),
                let key = member[..<equals].trimmed.percentDecoded, !key.isEmpty,
                let value = member[member.index(after: equals)...].trimmed.percentDecoded
            else {
                let given = isSecret ? "the value" : text.quoted
                warn("\(name): \(given) is not of the form key=value,key=value with percent-encoded values; "
                    + "it is ignored")
                return []
            }
            pairs.append((key, value))
        }
        return pairs
    }
}

extension StringProtocol {
    var trimmed: String {
        let isContent: (Character) -> Bool = { $0 != " " && $0 != "\t" }
        guard let first = firstIndex(where: isContent), let last = lastIndex(where: isContent) else { return "" }
        return String(self[first...last])
    }

    var quoted: String { "\"\(self)\"" }

    /// The text with its percent-encoding decoded, or nil if a percent sign is not followed by two hexadecimal digits
    /// or the result is not valid UTF-8.
    fileprivate var percentDecoded: String? {
        var bytes: [UInt8] = []
        var rest = Array(utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            guard digits.utf8.count == 2, digits.utf8.first != UInt8(ascii: "+"), let value = UInt8(digits, radix: 16)
            else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}
