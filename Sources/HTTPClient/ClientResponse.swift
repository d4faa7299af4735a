package struct ClientResponse: Equatable, Sendable {
    package let status: Int
    package let headers: ClientHeaders
    /// Empty for what was streamed.
    package let body: [UInt8]
}

/// The fields of an answer. They are looked up in the bytes that came, because most are never asked for.
package struct ClientHeaders: Equatable, Sendable {
    private let bytes: [UInt8]

    /// Field lines, each with its line end; a line that is none is passed over.
    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The value of the first field of this name, upper and lower case being the same.
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
