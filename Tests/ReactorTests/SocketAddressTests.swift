import Reactor
import Testing

@Suite struct SocketAddressTests {
    @Test("An address is parsed and formatted", arguments: [
        ("127.0.0.1:8080", "127.0.0.1:8080"),
        ("0.0.0.0:0", "0.0.0.0:0"),
        ("255.255.255.255:65535", "255.255.255.255:65535"),
        ("localhost:80", "127.0.0.1:80"),
        (":8080", "0.0.0.0:8080"),
        ("[::1]:8080", "[::1]:8080"),
        ("[::]:1", "[::]:1"),
        ("[2001:DB8::7]:443", "[2001:db8::7]:443"),
        ("[::ffff:10.0.0.1]:443", "[::ffff:10.0.0.1]:443"),
    ])
    func accepted(text: String, written: String) throws {
        #expect(try SocketAddress(text).description == written)
    }

    @Test("Anything else is rejected with the reason", arguments: [
        ("", "host:port is required"),
        ("127.0.0.1", "host:port is required"),
        ("127.0.0.1:", "the port must be"),
        ("127.0.0.1:65536", "the port must be"),
        ("127.0.0.1:-1", "the port must be"),
        ("127.0.0.1:+1", "the port must be"),
        ("127.0.0.1: 1", "the port must be"),
        ("127.0.0.1:http", "the port must be"),
        ("127.0.0:1", "the host must be"),
        ("127.0.0.1.1:1", "the host must be"),
        ("::1:80", "the host must be"),
        ("[::1:80", "the host must be"),
        ("[127.0.0.1]:80", "the host must be"),
        ("example.org:80", "the host must be"),
        ("[]:80", "the host must be"),
    ])
    func refused(text: String, expectedReason: String) {
        let error = #expect(throws: ReactorError.self) { try SocketAddress(text) }
        guard case .badAddress(text, let reason) = error else {
            Issue.record("\(text) gave \(String(describing: error))")
            return
        }
        #expect(reason.hasPrefix(expectedReason))
    }

    @Test("Unspecified and loopback addresses are recognised", arguments: [
        ("0.0.0.0:1", true, false),
        ("[::]:1", true, false),
        ("127.0.0.1:1", false, true),
        ("127.255.0.9:1", false, true),
        ("[::1]:1", false, true),
        ("[::ffff:127.0.0.1]:1", false, true),
        ("128.0.0.1:1", false, false),
        ("[::2]:1", false, false),
        ("[2001:db8::1]:1", false, false),
    ])
    func kinds(text: String, isUnspecified: Bool, isLoopback: Bool) throws {
        let address = try SocketAddress(text)
        #expect(address.isUnspecified == isUnspecified)
        #expect(address.isLoopback == isLoopback)
    }
}
