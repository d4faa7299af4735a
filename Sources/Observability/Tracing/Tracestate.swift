internal import Base

/// The `tracestate` header of W3C Trace Context: members `key=value` of tracing vendors, joined by commas. Members are
/// passed on unchanged and in order; this program adds none. One invalid member invalidates all members, but not the
/// trace.
package struct Tracestate: Equatable, Sendable {
    package static let empty = Tracestate(bytes: [])

    /// The value of the header `tracestate` to pass on. It is empty if there is none.
    package let bytes: [UInt8]

    private init(bytes: [UInt8]) { self.bytes = bytes }

    /// Joins the `tracestate` headers of a request. `fields` are the ranges in `bytes` of their values, in order. The
    /// result is empty if a member is invalid.
    package init(fields: [Range<Int>], in bytes: Span<UInt8>) {
        var members: [[UInt8]] = []
        for field in fields {
            guard Self.collect(bytes.extracting(field), into: &members) else {
                self = .empty
                return
            }
        }
        Self.cut(&members)
        self.bytes = Array(members.joined(separator: [UInt8(ascii: ",")]))
    }

    /// Appends the members of one `tracestate` header to `members`. Returns false if a member is invalid or there are
    /// too many members.
    private static func collect(_ field: Span<UInt8>, into members: inout [[UInt8]]) -> Bool {
        var start = 0
        while start <= field.count {
            let end = (start..<field.count).first { field[$0] == UInt8(ascii: ",") } ?? field.count
            let between = field.extracting(start..<end)
            let member = between.extracting(between.trimmedIndices)
            start = end + 1
            if member.isEmpty { continue }
            guard members.count < ObservabilityLimits.tracestateMembers, isValid(member) else { return false }
            members.append(Array(copying: member))
        }
        return true
    }

    private static func isValid(_ member: Span<UInt8>) -> Bool {
        guard let equals = member.indices.first(where: { member[$0] == UInt8(ascii: "=") }),
            1...256 ~= equals, 1...256 ~= member.count - equals - 1, !isKeyPunctuation(member[0])
        else { return false }
        return (0..<equals).allSatisfy { isKeyByte(member[$0]) }
            && (equals + 1..<member.count).allSatisfy { isValueByte(member[$0]) }
    }

    private static func isKeyByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: isKeyPunctuation(byte)
        }
    }

    /// Whether the byte is punctuation of a `tracestate` key. A key may contain such bytes but not start with them.
    private static func isKeyPunctuation(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "*"), UInt8(ascii: "/"), UInt8(ascii: "@"): true
        default: false
        }
    }

    private static func isValueByte(_ byte: UInt8) -> Bool {
        0x20...0x7E ~= byte && byte != UInt8(ascii: ",") && byte != UInt8(ascii: "=")
    }

    /// Removes members of `tracestate` until the rest fits into its maximum length: first members longer than 128
    /// bytes, then from the right, as W3C Trace Context recommends.
    private static func cut(_ members: inout [[UInt8]]) {
        while members.reduce(-1, { $0 + $1.count + 1 }) > ObservabilityLimits.tracestateBytes {
            members.remove(at: members.lastIndex { $0.count > 128 } ?? members.count - 1)
        }
    }
}
