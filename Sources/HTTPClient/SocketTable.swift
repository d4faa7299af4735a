internal import Reactor

/// The sockets that curl has opened or asks to have watched, by descriptor.
///
/// At the end of each request curl asks to stop watching the socket, and to watch it again for the next request on the
/// same connection. Closing and making a poller each time would cost four system calls, so the socket of a connection
/// keeps its poller, and stays polled, from when curl opens it until curl closes it. Two kinds of descriptors are
/// closed without a callback soon after curl asks to stop watching them, so their pollers are closed at that moment:
/// descriptors for another use, such as the pair through which curl's resolver wakes curl, and sockets whose connection
/// failed, for which curl 7.88 does not call the close function. [The number of such a socket is reused for a
/// connection that the server accepts, which then cannot be watched.]
struct SocketTable {
    private struct Socket {
        /// Whether curl opened this socket for a connection.
        let isConnection: Bool
        var poller: SocketPoller?
        /// The events that the poller polls for.
        var interest: SocketEvents = []
        /// Whether curl wants the events of this socket now.
        var isWanted = false
        /// Whether the socket's connection is established. Until then, curl waits only to write; once it waits to read,
        /// the connection exists.
        var hasConnected = false
    }

    private var sockets: [Int32: Socket] = [:]

    var count: Int { sockets.count }

    mutating func didOpen(_ descriptor: Int32) {
        // A poller that remains from a closed socket with the same descriptor number would never fire for the new
        // socket.
        willClose(descriptor)
        sockets[descriptor] = Socket(isConnection: true)
    }

    /// Removes the socket of `descriptor` from the table and closes its poller. Must be called before the descriptor is
    /// closed.
    mutating func willClose(_ descriptor: Int32) {
        sockets.removeValue(forKey: descriptor)?.poller?.close()
    }

    /// Watches `descriptor` for `interest`. If it is watched for the same events already, `handler` is ignored: the
    /// poller keeps the handler that it has.
    mutating func watch(
        _ descriptor: Int32, for interest: SocketEvents, on loop: EventLoop,
        _ handler: @escaping (Result<SocketEvents, ReactorError>) -> Void
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

    /// The reaction to a watched socket that becomes readable or writable, or whose poller fails.
    enum Reaction {
        case notifyCurl
        /// The peer has closed an idle connection, or has sent bytes while no request was running on it. The poller is
        /// closed.
        case sever
        case ignore
    }

    mutating func react(to event: Result<SocketEvents, ReactorError>, on descriptor: Int32) -> Reaction {
        guard let socket = sockets[descriptor] else { return .ignore }
        if socket.isWanted {
            // A poller that reports a failure has stopped, so the next call of `watch` must start it again.
            if case .failure = event { sockets[descriptor]?.interest = [] }
            return .notifyCurl
        }
        socket.poller?.close()
        sockets[descriptor]?.poller = nil
        sockets[descriptor]?.interest = []
        return .sever
    }
}
