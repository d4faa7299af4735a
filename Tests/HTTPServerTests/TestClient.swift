#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A blocking HTTP client of a test server. Receiving times out after twenty seconds, so that a failing test does not
/// hang.
final class TestClient: Sendable {
    private let descriptor: Int32

    init(port: UInt16, receiveBufferBytes: Int32? = nil) {
        #if os(Linux)
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
        descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        if var size = receiveBufferBytes {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        var timeout = timeval(tv_sec: 20, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        _ = withUnsafePointer(to: address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    deinit {
        close(descriptor)
    }

    func send(_ text: String) {
        send(Array(text.utf8))
    }

    func send(_ bytes: [UInt8], afterMilliseconds delay: UInt32 = 0) {
        if delay > 0 { usleep(delay * 1_000) }
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                write(descriptor, $0.baseAddress, $0.count)
            }
            if count <= 0 { return }
            sent += count
        }
    }

    /// Sends up to `count` bytes, and stops when the connection takes none for 300 ms.
    func sendWhatFits(_ count: Int) {
        let bytes = [UInt8](repeating: 120, count: min(count, 65_536))
        var sent = 0
        while sent < count {
            var space = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            guard poll(&space, 1, 300) == 1 else { return }
            let taken = write(descriptor, bytes, min(bytes.count, 1_000))
            if taken <= 0 { return }
            sent += taken
        }
    }

    func finishSending() {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Makes the close of the client's socket in deinit send a TCP reset (RST) instead of a FIN.
    func resetOnClose() {
        var immediately = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &immediately, socklen_t(MemoryLayout<linger>.size))
    }

    enum Received: Equatable {
        case bytes([UInt8])
        case end
        case reset
        case nothing
    }

    func receive() -> Received {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = read(descriptor, &buffer, buffer.count)
        if count > 0 { return .bytes(Array(buffer[..<count])) }
        if count == 0 { return .end }
        return errno == ECONNRESET ? .reset : .nothing
    }

    /// Receives until the server closes. Returns all bytes and how the connection ended.
    func receiveToEnd() -> (bytes: [UInt8], ending: Received) {
        var all: [UInt8] = []
        while true {
            let next = receive()
            guard case .bytes(let bytes) = next else { return (all, next) }
            all += bytes
        }
    }

    /// Receives until the received text ends with `ending` or no more arrives.
    func receive(until ending: String) -> String {
        var all: [UInt8] = []
        while !all.suffix(ending.utf8.count).elementsEqual(ending.utf8) {
            guard case .bytes(let bytes) = receive() else { break }
            all += bytes
        }
        return String(decoding: all, as: UTF8.self)
    }
}

/// Removes the lines that nearly every response has and the carriage returns, so that a transcript is readable.
func readable(_ response: String) -> String {
    let text = String(decoding: response.utf8.filter { $0 != 13 }, as: UTF8.self)
    return text.split(separator: "\n", omittingEmptySubsequences: false)
        .filter { !$0.hasPrefix("Date: ") && !$0.hasPrefix("Keep-Alive: ") && $0 != "Connection: keep-alive" }
        .joined(separator: "\n")
}

/// Converts the lines of a transcript to the form on the wire, with CR LF.
func wire(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n")
}
