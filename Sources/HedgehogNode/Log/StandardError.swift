#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

package enum StandardError {
    /// Writes one line to standard error in one system call, so that the line is complete even if the process ends
    /// right after.
    package static func write(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = bytes.withUnsafeBytes { writeBytes(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}

private func writeBytes(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, bytes, count)
}

/// Ends the process with exit code 1, without waiting for other threads and without flushing buffers.
func exitAtOnce() {
    _exit(1)
}
