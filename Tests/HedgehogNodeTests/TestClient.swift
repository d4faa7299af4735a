#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A blocking connection to a node. Receiving times out after ten seconds, so that a failing test does not hang.
final class TestClient {
    private let node: TestNode
    private let descriptor: Int32
    private var received: [UInt8] = []
    private var position = 0

    init(of node: TestNode) {
        self.node = node
        #if os(Linux)
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
        descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        var timeout = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = node.port.bigEndian
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

    /// Waits until the first bytes of an answer have arrived.
    func awaitBytes() {
        if position == received.count { _ = fill() }
    }

    /// Closes both directions of the connection.
    func breakOff() {
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    func send(_ text: String) {
        send(Array(text.utf8))
    }

    /// Returns the next complete answer; nil if the server closes or does not answer in time. `toHead` is true for
    /// answers to HEAD requests, which have no body.
    func receive(toHead: Bool = false) -> Answer? {
        guard let head = line(ending: "\r\n\r\n") else { return nil }
        var answer = Answer(head: head)
        if answer.status == 100 { return receive(toHead: toHead) }
        if toHead || answer.status == 204 || answer.status == 304 { return answer }
        if answer["Transfer-Encoding"] == "chunked" {
            guard let body = chunks() else { return nil }
            answer.body = body
        } else if let length = answer["Content-Length"].flatMap({ Int($0) }) {
            guard let body = take(length) else { return nil }
            answer.body = body
        } else {
            while fill() {}
            answer.body = Array(received[position...])
            position = received.count
        }
        return answer
    }

    /// Whether the server has closed the connection and sent nothing more.
    var isAtEnd: Bool { position == received.count && !fill() }

    func ask(_ method: String, _ target: String, _ fields: [String] = [], _ body: [UInt8] = []) -> Answer? {
        send(Self.request(method, target, fields, body))
        return receive(toHead: method == "HEAD")
    }

    func get(_ target: String, _ fields: [String] = []) -> Answer? { ask("GET", target, fields) }

    func put(_ target: String, _ body: String = "{}") -> Answer? { ask("PUT", target, [], Array(body.utf8)) }

    /// Creates a table, unless a test that runs at the same time has created it already.
    func makeTable(_ name: String) {
        let body = Array("{\"name\":\"\(name)\"}".utf8)
        while let answer = ask("POST", "/api/v1/tables", [], body), answer.status == 409 {
            if answer.text.contains("already exists") { return }
        }
    }

    static func request(
        _ method: String, _ target: String, _ fields: [String] = [], _ body: [UInt8] = []
    ) -> [UInt8] {
        var lines = ["\(method) \(target) HTTP/1.1", "Host: localhost"] + fields
        let takesBody = !["GET", "HEAD", "DELETE", "OPTIONS"].contains(method)
        if takesBody || !body.isEmpty { lines.append("Content-Length: \(body.count)") }
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body
    }
}

// MARK: Bytes

extension TestClient {
    private func fill() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = read(descriptor, &buffer, buffer.count)
        guard count > 0 else { return false }
        if position == received.count {
            received.removeAll(keepingCapacity: true)
            position = 0
        }
        received += buffer[..<count]
        return true
    }

    private func take(_ count: Int) -> [UInt8]? {
        while received.count - position < count { guard fill() else { return nil } }
        defer { position += count }
        return Array(received[position..<(position + count)])
    }

    private func line(ending mark: StaticString) -> String? {
        while true {
            if let count = count(before: mark) {
                defer { position += count + mark.utf8CodeUnitCount }
                return String(decoding: received[position..<(position + count)], as: UTF8.self)
            }
            guard fill() else { return nil }
        }
    }

    /// Uses the C library's search functions, because the tests search megabytes in a build without optimization.
    private func count(before mark: StaticString) -> Int? {
        received.withUnsafeBytes { bytes in
            var start = position
            while start + mark.utf8CodeUnitCount <= bytes.count, let base = bytes.baseAddress {
                let first = Int32(mark.utf8Start.pointee)
                guard let hit = memchr(base + start, first, bytes.count - start) else { return nil }
                let index = UnsafeRawPointer(hit) - base
                guard index + mark.utf8CodeUnitCount <= bytes.count else { return nil }
                if memcmp(hit, mark.utf8Start, mark.utf8CodeUnitCount) == 0 { return index - position }
                start = index + 1
            }
            return nil
        }
    }

    private func chunks() -> [UInt8]? {
        var body: [UInt8] = []
        while let size = line(ending: "\r\n").flatMap({ Int($0, radix: 16) }) {
            guard let chunk = take(size), take(2) != nil else { return nil }
            if size == 0 { return body }
            body += chunk
        }
        return nil
    }
}
