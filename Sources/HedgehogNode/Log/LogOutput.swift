#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// Writes batches of log lines to a descriptor, which may be full, closed or a broken pipe. A line that was cut by an
/// error is ended before the next batch, so that two lines never become one.
struct LogOutput {
    private let descriptor: Int32
    /// Whether the last line was written only in part, so that a line feed must be written before the next one.
    private var endsInsideLine = false

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Writes complete lines. Returns the number of lines that the descriptor did not take whole: if it reports an
    /// error, the rest of the batch is dropped. Blocks while the reader of a pipe is slow.
    mutating func write(_ lines: [UInt8]) -> UInt64 {
        if endsInsideLine {
            guard writeAll([lineFeed]) == 1 else { return Self.lineCount(lines[...]) }
            endsInsideLine = false
        }
        let taken = writeAll(lines)
        guard taken < lines.count else { return 0 }
        endsInsideLine = taken > 0 && lines[taken - 1] != lineFeed
        return Self.lineCount(lines[taken...])
    }

    /// Writes `bytes` to the descriptor, and returns how many of them it took: all, unless it reported an error.
    private func writeAll(_ bytes: [UInt8]) -> Int {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { writeBytes(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                // Another process that shares the descriptor has made it non-blocking, so wait until it is writable.
                var readiness = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&readiness, 1, -1)
            } else if errno != EINTR {
                break
            }
        }
        return bytes.count - rest.count
    }

    private static func lineCount(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        UInt64(bytes.count { $0 == lineFeed })
    }
}

private let lineFeed = UInt8(ascii: "\n")

/// Calls the system's `write`. It is a function outside `LogOutput`, whose own method `write` would hide the system's.
private func writeBytes(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, bytes, count)
}
