internal import Base
internal import Cluster
internal import HTTP
internal import Storage

/// The parameters of a scan, parsed from the request's query string.
struct ScanQuery {
    static let standardLimit = 1000
    static let maximumLimit = 10_000

    var limit: Int
    var prefix: [UInt8] = []
    var start: [UInt8]?
    var end: [UInt8]?
    /// The key after which the scan continues: the last key of the previous page.
    var after: [UInt8]?
    var keysOnly = false
    var reverse = false

    init(_ query: Query) throws(Failure) {
        try query.requireOnly("limit", "prefix", "start", "end", "after", "keys_only", "reverse")
        limit = try query.limit(default: Self.standardLimit, maximum: Self.maximumLimit)
        prefix = try Self.bound("prefix", query) ?? []
        start = try Self.bound("start", query)
        end = try Self.bound("end", query)
        if let text = try query.single("after") { after = try ScanCursor(parsing: text).key }
        keysOnly = try Self.flag("keys_only", query)
        reverse = try Self.flag("reverse", query)
    }

    /// Returns a bound of a scan (`prefix`, `start` or `end`), or nil if it is absent. Throws if it is longer than any
    /// key, because such a bound is a mistake.
    private static func bound(_ name: StaticString, _ query: Query) throws(Failure) -> [UInt8]? {
        guard let bound = try query.single(name) else { return nil }
        guard bound.count <= ItemKey.maximumBytes else {
            throw .parameterTooLong("\(name)", bytes: bound.count, maximum: ItemKey.maximumBytes)
        }
        return bound
    }

    private static func flag(_ name: StaticString, _ query: Query) throws(Failure) -> Bool {
        guard let text = try query.single(name) else { return false }
        switch String(repairing: text.span) {
        case "true", "1": return true
        case "false", "0": return false
        default: throw .badParameter("\(name)", given: text, allowed: "true or false")
        }
    }
}

/// The position at which a scan continues: after a key, in the direction of the scan. It refers to no page or snapshot,
/// so it stays valid across restarts and while items are written and deleted.
struct ScanCursor {
    private static let format = UInt8(ascii: "1")

    let key: [UInt8]

    init(key: [UInt8]) {
        self.key = key
    }

    /// Parses the cursor of a scan: one digit for the cursor's format, then the key in hexadecimal. Throws if the text
    /// is not a valid cursor.
    init(parsing text: [UInt8]) throws(Failure) {
        guard text.first == Self.format, text.count % 2 == 1, text.count > 1,
            let key = Array(lowercaseHex: text.dropFirst()), key.count <= ItemKey.maximumBytes
        else {
            throw .badParameter(
                "after", given: text, allowed: #"a cursor from "next" of an earlier page"#)
        }
        self.key = key
    }

    func append(to bytes: inout [UInt8]) {
        bytes.append(Self.format)
        for byte in key { bytes.appendHex(UInt64(byte), digitCount: 2) }
    }
}

extension Array where Element == UInt8 {
    /// Decodes bytes from pairs of lowercase hexadecimal digits, the form that `appendHex` writes. Nil if `digits` has
    /// another form.
    fileprivate init?(lowercaseHex digits: ArraySlice<UInt8>) {
        self = []
        var rest = digits
        while let high = rest.popFirst() {
            guard let low = rest.popFirst(), let byte = byte(high, low) else { return nil }
            append(byte)
        }
    }
}

private func byte(_ high: UInt8, _ low: UInt8) -> UInt8? {
    guard let high = nibble(high), let low = nibble(low) else { return nil }
    return high << 4 | low
}

private func nibble(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    default: nil
    }
}

extension Query {
    /// Throws if the query has a parameter other than `names`. Such a parameter is probably misspelled, and ignoring it
    /// would do harm: a scan without its cursor never ends, and a write without its consistency is weaker than
    /// intended.
    func requireOnly(_ names: StaticString...) throws(Failure) {
        for parameter in parameters where !names.contains(where: { parameter.name.span.equals($0) }) {
            throw .unknownParameter(parameter.name, allowed: names.map { "\($0)" })
        }
    }

    /// Returns the value of a query parameter, or nil if it is absent. Throws if it is repeated.
    func single(_ name: StaticString) throws(Failure) -> [UInt8]? {
        switch values(of: name) {
        case .absent: return nil
        case .single(let value): return value
        case .repeated: throw .badParameter("\(name)", given: nil, allowed: "one value")
        }
    }

    /// Returns the `limit` parameter, or `standard` if it is absent.
    func limit(default standard: Int, maximum: Int) throws(Failure) -> Int {
        guard let text = try single("limit") else { return standard }
        // The `limit` parameter may contain only digits, but `Int` would also accept a sign.
        guard text.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains),
            let limit = Int(String(repairing: text.span)), (1...maximum).contains(limit)
        else {
            throw .badParameter("limit", given: text, allowed: "a whole number from 1 to \(maximum)")
        }
        return limit
    }
}
