internal import CLibuv
#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// A numeric IP address and a port; names are never resolved. Written as `127.0.0.1:8080`, `[::1]:8080` or
/// `[fe80::1%eth0]:8080`. `localhost:8080` means 127.0.0.1, and `:8080` means 0.0.0.0.
package struct SocketAddress: Hashable, Sendable {
    fileprivate enum Host: Hashable, Sendable {
        case v4(UInt32)
        case v6(high: UInt64, low: UInt64, scope: UInt32)
    }

    fileprivate let host: Host
    package let port: UInt16

    fileprivate init(host: Host, port: UInt16) {
        self.host = host
        self.port = port
    }

    /// Throws `badAddress` with the reason when `text` is not a valid address.
    package init(_ text: String) throws(ReactorError) {
        let (hostText, portText) = try SocketAddress.split(text)
        guard let port = UInt16(portText), portText.utf8.allSatisfy({ (48...57).contains($0) }) else {
            throw .badAddress(text: text, reason: "the port must be a number from 0 to 65535")
        }
        guard let host = Host(hostText) else {
            throw .badAddress(text: text, reason: "the host must be an IPv4 address, or an IPv6 address in brackets")
        }
        self.init(host: host, port: port)
    }

    private static func split(_ text: String) throws(ReactorError) -> (host: Substring, port: Substring) {
        guard let colon = text.lastIndex(of: ":") else {
            throw .badAddress(text: text, reason: "host:port is required, for example 127.0.0.1:8080")
        }
        return (text[..<colon], text[text.index(after: colon)...])
    }

    /// Whether this is 0.0.0.0 or `::`, which a server may listen on but no peer can connect to.
    package var isUnspecified: Bool {
        switch host {
        case .v4(let address): address == 0
        case .v6(let high, let low, _): high == 0 && low == 0
        }
    }

    /// Whether this is a loopback address, including an IPv4 one mapped into IPv6.
    package var isLoopback: Bool {
        switch host {
        case .v4(let address): address >> 24 == 127
        case .v6(let high, let low, _): high == 0 && (low == 1 || low >> 24 == 0xFFFF_7F)
        }
    }
}

extension SocketAddress.Host {
    fileprivate init?(_ text: Substring) {
        if text.isEmpty {
            self = .v4(0)
        } else if text == "localhost" {
            self = .v4(0x7F00_0001)
        } else if text.hasPrefix("["), text.hasSuffix("]") {
            self.init(v6: String(text.dropFirst().dropLast()))
        } else {
            self.init(v4: String(text))
        }
    }

    private init?(v4 text: String) {
        var address = sockaddr_in()
        guard uv_ip4_addr(text, 0, &address) == 0 else { return nil }
        self = .v4(UInt32(bigEndian: address.sin_addr.s_addr))
    }

    private init?(v6 text: String) {
        var address = sockaddr_in6()
        guard uv_ip6_addr(text, 0, &address) == 0 else { return nil }
        self.init(address)
    }

    fileprivate init(_ address: sockaddr_in6) {
        let (high, low) = withUnsafeBytes(of: address.sin6_addr) {
            ($0.loadUnaligned(as: UInt64.self), $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        }
        self = .v6(high: UInt64(bigEndian: high), low: UInt64(bigEndian: low), scope: address.sin6_scope_id)
    }
}

extension SocketAddress {
    /// The address without its port and without brackets.
    package var hostText: String {
        let text = description
        let host = text[..<(text.lastIndex(of: ":") ?? text.endIndex)]
        return host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : String(host)
    }
}

extension SocketAddress: CustomStringConvertible {
    /// The address in the text form that `init` parses, such as `127.0.0.1:8080`, without the scope of a link-local
    /// address.
    package var description: String {
        withSockaddr { address, _ in
            withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { text in
                switch host {
                case .v4:
                    address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                        _ = uv_ip4_name($0, text.baseAddress, text.count)
                    }
                    return "\(String(cString: UnsafePointer(text.baseAddress!))):\(port)"
                case .v6:
                    address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
                        _ = uv_ip6_name($0, text.baseAddress, text.count)
                    }
                    return "[\(String(cString: UnsafePointer(text.baseAddress!)))]:\(port)"
                }
            }
        }
    }
}

// MARK: Conversion of socket addresses to and from sockaddr

extension SocketAddress {
    /// Converts a socket address of the kernel. Nil for an address family other than IPv4 and IPv6.
    init?(_ storage: sockaddr_storage) {
        switch Int32(storage.ss_family) {
        case AF_INET:
            let address = withUnsafeBytes(of: storage) { $0.load(as: sockaddr_in.self) }
            self.init(
                host: .v4(UInt32(bigEndian: address.sin_addr.s_addr)), port: UInt16(bigEndian: address.sin_port))
        case AF_INET6:
            let address = withUnsafeBytes(of: storage) { $0.load(as: sockaddr_in6.self) }
            self.init(host: Host(address), port: UInt16(bigEndian: address.sin6_port))
        default:
            return nil
        }
    }

    var family: Int32 {
        switch host {
        case .v4: AF_INET
        case .v6: AF_INET6
        }
    }

    /// Calls `body` with this address as a sockaddr. The pointer is valid only inside `body`.
    func withSockaddr<Value>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Value) -> Value {
        switch host {
        case .v4(let address):
            var form = sockaddr_in()
            form.sin_family = sa_family_t(AF_INET)
            form.sin_port = port.bigEndian
            form.sin_addr.s_addr = address.bigEndian
            return SocketAddress.pass(form, body)
        case .v6(let high, let low, let scope):
            var form = sockaddr_in6()
            form.sin6_family = sa_family_t(AF_INET6)
            form.sin6_port = port.bigEndian
            form.sin6_scope_id = scope
            withUnsafeMutableBytes(of: &form.sin6_addr) {
                $0.storeBytes(of: high.bigEndian, as: UInt64.self)
                $0.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
            }
            return SocketAddress.pass(form, body)
        }
    }

    private static func pass<Form, Value>(
        _ form: Form, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Value
    ) -> Value {
        withUnsafePointer(to: form) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<Form>.size)) }
        }
    }
}
