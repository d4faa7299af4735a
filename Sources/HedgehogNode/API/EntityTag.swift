internal import Base
internal import Cluster
internal import HTTP

// The entity tag of an item is its version in hexadecimal digits, in quotes. A write has the same tag on every node.

extension Array where Element == UInt8 {
    mutating func appendETag(_ version: Version) {
        append("ETag: ")
        appendEntityTag(version)
        append("\r\n")
    }

    fileprivate mutating func appendEntityTag(_ version: Version) {
        append("\"")
        version.appendHex(to: &self)
        append("\"")
    }
}

extension RequestHead {
    /// Whether If-None-Match lists this version. The comparison is weak, and `*` matches any version (RFC 9110,
    /// 13.1.2). Splitting at commas is enough: HedgehogDB's tags have none, and parts of other tags match no version.
    func ifNoneMatchLists(_ version: Version) -> Bool {
        if case .absent = values(of: .ifNoneMatch) { return false }
        var tag: [UInt8] = []
        tag.appendEntityTag(version)
        var isListed = false
        forEachValue(of: .ifNoneMatch) { value in
            for member in bytes[value].split(separator: UInt8(ascii: ",")) {
                let member = trimmed(member)
                if member.elementsEqual("*".utf8) || withoutWeakMark(member).elementsEqual(tag) { isListed = true }
            }
        }
        return isListed
    }

    private func trimmed(_ member: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        let start = member.drop(while: isBlank)
        return start.prefix((start.lastIndex { !isBlank($0) } ?? start.startIndex - 1) - start.startIndex + 1)
    }

    private func withoutWeakMark(_ member: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        member.starts(with: "W/".utf8) ? member.dropFirst(2) : member
    }
}
