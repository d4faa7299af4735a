import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A server for tests: accepts on its own port and runs a script for each connection on a blocking thread.
final class ScriptedServer: Sendable {
    private struct Seen {
        var connections = 0
        var requests: [Peer.Request] = []
    }

    let port: UInt16
    private let listener: Int32
    private let seen = Mutex(Seen())

    var url: String { "http://127.0.0.1:\(port)" }
    var connectionCount: Int { seen.withLock { $0.connections } }
    var requests: [Peer.Request] { seen.withLock { $0.requests } }

    /// Starts a server that runs `script` for each accepted connection and passes it the connection's number, counted
    /// from 1. The connection closes when the script returns.
    init(_ script: @escaping @Sendable (Peer, Int) -> Void) {
        (listener, port) = listen(backlog: 512)
        onThread { [self] in
            while true {
                let descriptor = accept(listener, nil, nil)
                if descriptor < 0 { return }
                let number = seen.withLock {
                    $0.connections += 1
                    return $0.connections
                }
                onThread { [self] in
                    script(Peer(descriptor) { request in self.seen.withLock { $0.requests.append(request) } }, number)
                }
            }
        }
    }

    /// Starts a server that answers every request with the same bytes.
    convenience init(answering answer: String) {
        self.init { peer, _ in
            while peer.readRequest() != nil { peer.write(wire(answer)) }
        }
    }

    /// Shuts the listening socket down, so that the kernel refuses further connections. The accepting thread, which
    /// retains this server, ends.
    func stopListening() {
        shutdown(listener, Int32(SHUT_RDWR))
    }

    /// The listener is closed only here. Closed earlier, its descriptor number could go to another test's socket while
    /// the accepting thread still uses it; and its port is not reused before this either.
    deinit {
        close(listener)
    }
}

/// One accepted connection.
final class Peer {
    struct Request: Equatable {
        /// The head of the received request as text, with its line ends CR LF replaced by line feeds.
        var head: String
        var body: [UInt8]

        var path: String { String(head.split(separator: " ").dropFirst().first ?? "") }
    }

    private let descriptor: Int32
    private let log: (Request) -> Void
    private var unread: [UInt8] = []

    init(_ descriptor: Int32, log: @escaping (Request) -> Void) {
        self.descriptor = descriptor
        self.log = log
    }

    deinit {
        close(descriptor)
    }

    /// Reads the next request. Returns nil when the client has closed.
    func readRequest() -> Request? {
        let end = Array("\r\n\r\n".utf8)
        var headEnd = unread.firstRange(of: end)
        while headEnd == nil {
            guard readMore() else { return nil }
            headEnd = unread.firstRange(of: end)
        }
        guard let headEnd else { return nil }
        let head = String(decoding: unread[..<headEnd.upperBound], as: UTF8.self)
            .split(separator: "\r\n").joined(separator: "\n")
        let length = head.split(separator: "\n").lazy.filter { $0.hasPrefix("Content-Length: ") }
            .compactMap { Int($0.dropFirst(16)) }.first ?? 0
        while unread.count < headEnd.upperBound + length {
            guard readMore() else { return nil }
        }
        let body = Array(unread[headEnd.upperBound...].prefix(length))
        unread.removeFirst(headEnd.upperBound + length)
        let request = Request(head: head, body: body)
        log(request)
        return request
    }

    private func readMore() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = read(descriptor, &buffer, buffer.count)
        if count > 0 { unread += buffer[..<count] }
        return count > 0
    }

    /// Closes both directions of the connection but keeps its descriptor open until deinit.
    func end() {
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    func waitForEnd() {
        while readMore() {}
    }

    func write(_ text: String) {
        write(Array(text.utf8))
    }

    func write(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, noSignal) }
            if count <= 0 { return }
            sent += count
        }
    }
}

#if os(Linux)
private let noSignal = Int32(MSG_NOSIGNAL)
private let streamType = Int32(SOCK_STREAM.rawValue)
#else
private let noSignal: Int32 = 0
private let streamType = SOCK_STREAM
#endif

/// Lets one thread wait for another: each `open` lets one `wait` return.
final class Gate: Sendable {
    private let ends: (read: Int32, write: Int32)

    init() {
        var descriptors: [Int32] = [-1, -1]
        precondition(pipe(&descriptors) == 0, "a test cannot make a pipe")
        ends = (descriptors[0], descriptors[1])
    }

    deinit {
        close(ends.read)
        close(ends.write)
    }

    func open() {
        _ = write(ends.write, [1], 1)
    }

    var descriptor: Int32 { ends.read }

    /// Waits for one call of `open`, and returns at once if that call came earlier.
    func wait() {
        var byte: UInt8 = 0
        _ = read(ends.read, &byte, 1)
    }
}

/// Converts the line feeds of a Swift literal to CR LF.
func wire(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n")
}

func listen(backlog: Int32) -> (descriptor: Int32, port: UInt16) {
    let descriptor = socket(AF_INET, streamType, 0)
    var address = loopback(port: 0)
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            precondition(bind(descriptor, $0, size) == 0, "a test cannot bind")
            precondition(listen(descriptor, backlog) == 0, "a test cannot listen")
            getsockname(descriptor, $0, &size)
        }
    }
    return (descriptor, UInt16(bigEndian: address.sin_port))
}

/// A port on which connection attempts hang, because nothing accepts there and its backlog is full.
func silentPort() -> (port: UInt16, close: () -> Void) {
    let (listener, port) = listen(backlog: 0)
    let clients = (0..<8).map { _ in
        let descriptor = socket(AF_INET, streamType, 0)
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        withUnsafePointer(to: loopback(port: port)) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return descriptor
    }
    return (port, { for descriptor in clients + [listener] { close(descriptor) } })
}

private func loopback(port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return address
}

private func onThread(_ body: @escaping @Sendable () -> Void) {
    final class Box: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    #if canImport(Glibc)
    var thread = pthread_t()
    #else
    var thread: pthread_t?
    #endif
    pthread_create(
        &thread, nil,
        { pointer in
            let pointer: UnsafeMutableRawPointer? = pointer
            if let pointer { Unmanaged<Box>.fromOpaque(pointer).takeRetainedValue().body() }
            return nil
        }, Unmanaged.passRetained(Box(body)).toOpaque())
    #if canImport(Glibc)
    pthread_detach(thread)
    #else
    if let thread { pthread_detach(thread) }
    #endif
}
