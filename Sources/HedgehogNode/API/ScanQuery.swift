internal import Base
internal import Cluster
internal import HTTP
internal import Storage

/// What a scan was asked for, from its query.
struct ScanQuery {
    static let standardLimit = 1000
    static let maximumLimit = 10_000

    var limit: Int
    var prefix: [UInt8] = []
    var start: [UInt8]?
    var end: [UInt8]?
    /// The last key of the page before this one.
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

    /// Longer than any key there can be, it would be a slip of the pen.
    private static func bound(_ name: StaticString, _ query: Query) throws(Failure) -> [UInt8]? {
        guard let bound = try query.single(name) else { return nil }
        guard bound.count <= ItemKey.maximumBytes else {
            throw Failure(
                .badRequest, "\(name): \(bound.count) bytes were given; \(ItemKey.maximumBytes) are allowed")
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

/// Where a scan goes on: behind a key, in the direction of the scan. It names no page and no snapshot, so it holds
/// across restarts and while items come and go.
struct ScanCursor {
    private static let format = UInt8(ascii: "1")

    let key: [UInt8]

    init(key: [UInt8]) {
        self.key = key
    }

    /// The format's digit, then the key in hexadecimal.
    init(parsing text: [UInt8]) throws(Failure) {
        guard text.first == Self.format, text.count % 2 == 1, text.count > 1,
            let key = Array(lowercaseHex: text.dropFirst()), key.count <= ItemKey.maximumBytes
        else {
            throw .badParameter(
                "after", given: text, allowed: #"only a cursor from the "next" of an earlier page"#)
        }
        self.key = key
    }

    func append(to bytes: inout [UInt8]) {
        bytes.append(Self.format)
        for byte in key { bytes.appendHex(UInt64(byte), digitCount: 2) }
    }
}

extension Array where Element == UInt8 {
    /// Nil unless `digits` are pairs of lowercase hexadecimal digits, as `appendHex` writes them.
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
    /// A parameter that nothing reads is most often a slip of the pen: a scan would begin anew for ever, a write would
    /// be weaker than was meant.
    func requireOnly(_ names: StaticString...) throws(Failure) {
        for parameter in parameters where !names.contains(where: { parameter.name.span.equals($0) }) {
            throw Failure(
                .badRequest,
                "\"\(String(repairing: parameter.name.span))\" is no parameter here; allowed: "
                    + names.map { "\($0)" }.joined(separator: ", "))
        }
    }

    /// The one value of a parameter that may be given once.
    func single(_ name: StaticString) throws(Failure) -> [UInt8]? {
        switch values(of: name) {
        case .absent: return nil
        case .single(let value): return value
        case .repeated: throw .badParameter("\(name)", given: nil, allowed: "one value")
        }
    }

    /// How many at most are wanted in an answer.
    func limit(default standard: Int, maximum: Int) throws(Failure) -> Int {
        guard let text = try single("limit") else { return standard }
        // Digits only: Int would also read a sign.
        guard text.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains),
            let limit = Int(String(repairing: text.span)), (1...maximum).contains(limit)
        else {
            throw .badParameter("limit", given: text, allowed: "a whole number from 1 to \(maximum)")
        }
        return limit
    }
}
