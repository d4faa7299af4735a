internal import Reactor

/// The sockets curl has opened or asks to have watched, by descriptor.
///
/// Curl says "remove" at the end of each request and "watch" again at the next on the same connection. Closing and
/// making a poller each time costs four system calls, so a socket of a connection keeps its poller, and goes on being
/// polled, from when curl opens it to when curl closes it. Two kinds are closed behind our back, about when curl says
/// "remove", so their pollers go at that moment: descriptors of another use (curl's resolver wakes itself through a
/// pair), and sockets whose connection never came about, for which curl 7.88 does not call the function it was given.
/// [The number of such a socket went to a connection that the server accepted, which then could not be watched.]
struct SocketTable {
    private struct Socket {
        let isConnection: Bool
        var poller: SocketPoller?
        /// What the poller is polling for, if anything.
        var interest: Readiness = []
        var isWanted = false
        /// Curl waits for nothing but to write until the connection has come about, and to read some time after.
        var hasConnected = false
    }

    private var sockets: [Int32: Socket] = [:]

    var count: Int { sockets.count }

    mutating func didOpen(_ descriptor: Int32) {
        // A poller left from a descriptor of the same number would never fire for this one.
        willClose(descriptor)
        sockets[descriptor] = Socket(isConnection: true)
    }

    /// Before the descriptor is closed.
    mutating func willClose(_ descriptor: Int32) {
        sockets.removeValue(forKey: descriptor)?.poller?.close()
    }

    /// `handler` is kept with the poller until the interest changes.
    mutating func watch(
        _ descriptor: Int32, for interest: Readiness, on loop: EventLoop,
        _ handler: @escaping (Result<Readiness, ReactorError>) -> Void
    ) throws(ReactorError) {
        var socket = sockets[descriptor] ?? Socket(isConnection: false)
        socket.isWanted = true
        if interest.contains(.readable) { socket.hasConnected = true }
        if socket.interest != interest || socket.poller?.isOpen != true {
            let poller: SocketPoller
            if let kept = socket.poller, kept.isOpen {
                poller = kept
            } else {
                poller = try SocketPoller(loop: loop, descriptor: descriptor)
                socket.poller = poller
            }
            sockets[descriptor] = socket
            try poller.start(interest, handler)
            socket.interest = interest
        }
        sockets[descriptor] = socket
    }

    mutating func unwatch(_ descriptor: Int32) {
        guard let socket = sockets[descriptor] else { return }
        if socket.isConnection && socket.hasConnected {
            sockets[descriptor]?.isWanted = false
        } else {
            willClose(descriptor)
        }
    }

    /// What to do about an event.
    enum Verdict {
        case tellCurl
        /// The peer of a kept connection has closed it, or has spoken without being asked. The poller is closed.
        case sever
        case ignore
    }

    mutating func judge(_ event: Result<Readiness, ReactorError>, on descriptor: Int32) -> Verdict {
        guard let socket = sockets[descriptor] else { return .ignore }
        if socket.isWanted {
            // A failed poller has stopped.
            if case .failure = event { sockets[descriptor]?.interest = [] }
            return .tellCurl
        }
        socket.poller?.close()
        sockets[descriptor]?.poller = nil
        sockets[descriptor]?.interest = []
        return .sever
    }
}
