/// A complete response of any status.
package struct ClientResponse: Equatable, Sendable {
    package let status: Int
    package let headers: ClientHeaders
    /// The body of the response; empty if it was streamed to a sink.
    package let body: [UInt8]
}

/// The fields of a response. They are searched in the received bytes on demand, because most are never read.
package struct ClientHeaders: Equatable, Sendable {
    private let bytes: [UInt8]

    /// Keeps the header fields of a response. `bytes` are its field lines, each with its line end. Malformed lines are
    /// ignored.
    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The value of the first field with this name, ignoring case.
    package subscript(_ name: String) -> String? {
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
            if String(decoding: line[..<colon], as: UTF8.self).lowercased() == name.lowercased() {
                return String(decoding: line[(colon + 1)...].trimmingSpace(), as: UTF8.self)
            }
        }
        return nil
    }
}

extension ArraySlice<UInt8> {
    fileprivate func trimmingSpace() -> ArraySlice<UInt8> {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }
        guard let first = firstIndex(where: { !isSpace($0) }), let last = lastIndex(where: { !isSpace($0) }) else {
            return []
        }
        return self[first...last]
    }
}
