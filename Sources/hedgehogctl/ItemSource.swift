#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// The source of the item that `put` stores.
enum ItemSource: Equatable {
    case text(String)
    case file(String)
    case standardInput

    /// Chooses the source of the item from a command's argument and its file option; `-` in either means standard
    /// input. Nil if neither or both are given.
    init?(argument: String?, file: String?) {
        switch (argument, file) {
        case ("-", nil), (nil, "-"): self = .standardInput
        case (let text?, nil): self = .text(text)
        case (nil, let path?): self = .file(path)
        case (nil, nil), (_?, _?): return nil
        }
    }

    func read() throws(ControlFailure) -> [UInt8] {
        switch self {
        case .text(let text): return Array(text.utf8)
        case .standardInput: return try Self.readToEnd(STDIN_FILENO, called: "standard input")
        case .file(let path):
            let descriptor = open(path, O_RDONLY)
            guard descriptor >= 0 else { throw .unreadableInput(path, reason: String(cString: strerror(errno))) }
            defer { close(descriptor) }
            return try Self.readToEnd(descriptor, called: path)
        }
    }

    private static func readToEnd(_ descriptor: Int32, called name: String) throws(ControlFailure) -> [UInt8] {
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while all.count <= ControlLimits.inputBytes {
            let count = systemRead(descriptor, &buffer, buffer.count)
            if count == 0 { return all }
            if count > 0 {
                all += buffer[..<count]
            } else if errno != EINTR {
                throw .unreadableInput(name, reason: String(cString: strerror(errno)))
            }
        }
        throw .inputTooLarge(name)
    }
}

private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer, _ count: Int) -> Int {
    read(descriptor, buffer, count)
}
