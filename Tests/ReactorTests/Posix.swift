import Reactor

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

func raise(_ signal: ProcessSignal) {
    let number: Int32
    switch signal {
    case .interrupt: number = SIGINT
    case .terminate: number = SIGTERM
    case .hangUp: number = SIGHUP
    case .user1: number = SIGUSR1
    case .user2: number = SIGUSR2
    }
    kill(getpid(), number)
}

/// Runs `body` on a new thread and does not wait for it.
func onThread(_ body: @escaping @Sendable () -> Void) {
    final class Box: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    pthread_create(
        &thread, nil,
        { pointer in
            if let pointer { Unmanaged<Box>.fromOpaque(pointer).takeRetainedValue().body() }
            return nil
        }, Unmanaged.passRetained(Box(body)).toOpaque())
    pthread_detach(thread)
}

/// A blocking client socket.
final class TestClient: Sendable {
    private let descriptor: Int32

    /// Connects a blocking socket. Receiving on it times out after twenty seconds, so that a failing test does not
    /// hang.
    init(port: UInt16, receiveBufferBytes: Int32? = nil) {
        #if os(Linux)
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
        descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        if var size = receiveBufferBytes {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
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

    func send(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count <= 0 { return }
            sent += count
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

    /// Receives up to 64 KiB. Returns no bytes at the end of the stream or after the timeout, and nil on a reset.
    func receive() -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = read(descriptor, &buffer, buffer.count)
        if count < 0 { return errno == ECONNRESET ? nil : [] }
        return Array(buffer[..<count])
    }

    func receiveToEnd() -> [UInt8]? {
        var all: [UInt8] = []
        while true {
            guard let bytes = receive() else { return nil }
            if bytes.isEmpty { return all }
            all += bytes
        }
    }
}

func threadIdentity() -> UInt {
    UInt(pthread_self())
}
