#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// Standard output, written in large pieces. Bytes, not text: what is stored is shown as it is.
final class Output {
    private let descriptor: Int32
    private var buffer: [UInt8] = []

    init(descriptor: Int32 = STDOUT_FILENO) {
        self.descriptor = descriptor
    }

    func write(_ bytes: some Collection<UInt8>) throws(ControlFailure) {
        buffer.append(contentsOf: bytes)
        if buffer.count >= ControlLimits.outputBufferBytes { try flush() }
    }

    func write(_ text: String) throws(ControlFailure) {
        try write(text.utf8)
    }

    func flush() throws(ControlFailure) {
        var rest = buffer[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                buffer = []
                throw errno == EPIPE ? .outputClosed : .outputFailed(reason: String(cString: strerror(errno)))
            }
        }
        buffer.removeAll(keepingCapacity: true)
    }

    /// One line, in one write where it can be. There is nowhere to say that it cannot.
    static func complain(_ line: String) {
        try? { () throws(ControlFailure) in
            let output = Output(descriptor: STDERR_FILENO)
            try output.write("hedgehogctl: \(line)\n")
            try output.flush()
        }()
    }
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, bytes, count)
}
