#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

package enum StandardError {
    /// One line in one write, so that it is not lost or torn when the process ends.
    package static func say(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}

/// Without waiting for anything, such as other threads or buffers.
func exitAtOnce() {
    _exit(1)
}
