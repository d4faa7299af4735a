internal import Base

/// What other vendors want carried along a trace: members `key=value`, joined by commas. We add none of our own and
/// pass on what we got, in order. One bad member spoils all of it, and never the trace itself.
package struct Tracestate: Equatable, Sendable {
    package static let empty = Tracestate(bytes: [])

    /// The header's value to pass on; empty when there is none.
    package let bytes: [UInt8]

    private init(bytes: [UInt8]) { self.bytes = bytes }

    /// `fields` are the places in `bytes` of the values of all `tracestate` headers, in order.
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

    /// False when a member is bad or there are too many.
    private static func collect(_ field: Span<UInt8>, into members: inout [[UInt8]]) -> Bool {
        var start = 0
        while start <= field.count {
            let end = (start..<field.count).first { field[$0] == UInt8(ascii: ",") } ?? field.count
            let between = field.extracting(start..<end)
            let member = between.extracting(between.indicesWithoutOuterBlanks)
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

    /// A key holds these but does not begin with them.
    private static func isKeyPunctuation(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "*"), UInt8(ascii: "/"), UInt8(ascii: "@"): true
        default: false
        }
    }

    private static func isValueByte(_ byte: UInt8) -> Bool {
        0x20...0x7E ~= byte && byte != UInt8(ascii: ",") && byte != UInt8(ascii: "=")
    }

    /// Whole members go until the rest fits: long ones first, then from the right.
    private static func cut(_ members: inout [[UInt8]]) {
        while members.reduce(-1, { $0 + $1.count + 1 }) > ObservabilityLimits.tracestateBytes {
            members.remove(at: members.lastIndex { $0.count > 128 } ?? members.count - 1)
        }
    }
}
