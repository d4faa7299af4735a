internal import CLibuv
#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// A listening socket and its system calls. libuv has them too, but its accept loop has no bound on the connections it
/// accepts at once and does not pause when descriptors run out; `TCPListener` does both.
struct ListeningSocket: ~Copyable {
    enum Accepted {
        case connection(descriptor: Int32, peer: SocketAddress?)
        case none
        case failed(ReactorError)
    }

    let descriptor: Int32
    let address: SocketAddress

    /// Binds to `requested` and listens. TCP_NODELAY is set here because accepted sockets inherit it, which saves a
    /// system call for each.
    init(_ requested: SocketAddress, backlog: Int32) throws(ReactorError) {
        let descriptor = try ListeningSocket.open(requested.family)
        do {
            let subject = requested.description
            try check(enable(SO_REUSEADDR, level: SOL_SOCKET, of: descriptor), subject)
            try check(enable(TCP_NODELAY, level: Int32(IPPROTO_TCP), of: descriptor), subject)
            try check(requested.withSockaddr { bind(descriptor, $0, $1) }, subject)
            try check(listen(descriptor, backlog), subject)
            address = try ListeningSocket.boundAddress(of: descriptor)
            self.descriptor = descriptor
        } catch {
            closeDescriptor(descriptor)
            throw error
        }
    }

    deinit {
        closeDescriptor(descriptor)
    }

    /// Accepts the next connection that the kernel has completed. Connections that the peer has already aborted are
    /// skipped.
    func acceptNext() -> Accepted {
        while true {
            var storage = sockaddr_storage()
            let accepted = acceptDescriptor(from: descriptor, peer: &storage)
            if accepted >= 0 { return .connection(descriptor: accepted, peer: SocketAddress(storage)) }
            switch errno {
            case EAGAIN: return .none
            case EINTR, ECONNABORTED, EPROTO: continue
            case ENOBUFS, ENOMEM: return .failed(.descriptorsExhausted)
            default: return .failed(ReactorError(code: -errno))
            }
        }
    }

    private static func open(_ family: Int32) throws(ReactorError) -> Int32 {
        #if os(Linux)
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue), 0)
        #else
        let descriptor = socket(family, SOCK_STREAM, 0)
        #endif
        try check(descriptor, "a socket")
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        return descriptor
    }

    private static func boundAddress(of descriptor: Int32) throws(ReactorError) -> SocketAddress {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let status = withUnsafeMutablePointer(to: &storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
        }
        try check(status, "a listening socket")
        guard let address = SocketAddress(storage) else { preconditionFailure("an IP socket has no IP address") }
        return address
    }
}

private func acceptDescriptor(from listener: Int32, peer: inout sockaddr_storage) -> Int32 {
    var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let descriptor = withUnsafeMutablePointer(to: &peer) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { accept(listener, $0, &size) }
    }
    if descriptor >= 0 { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    return descriptor
}

private func enable(_ option: Int32, level: Int32, of descriptor: Int32) -> Int32 {
    var on: Int32 = 1
    return setsockopt(descriptor, level, option, &on, socklen_t(MemoryLayout<Int32>.size))
}

private func check(_ status: Int32, _ subject: String) throws(ReactorError) {
    if status < 0 { throw ReactorError(code: -errno, subject: subject) }
}

/// Closes `descriptor`. An error is ignored: the descriptor is closed even when `close` reports one.
func closeDescriptor(_ descriptor: Int32) {
    _ = close(descriptor)
}
