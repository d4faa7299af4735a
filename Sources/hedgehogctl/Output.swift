#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// Buffered standard output. Takes bytes rather than text, so that items are printed exactly as they are stored.
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

    /// Writes one line to standard error, if possible in one system call. A failure is ignored: there is no other place
    /// to report it.
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
