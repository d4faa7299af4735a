/// Accepts connections on one address. Work is bounded: so many a turn, the rest wait in the kernel. When the process
/// is out of descriptors the listener rests for a moment instead of spinning on a socket that stays ready; the clients
/// wait in the backlog meanwhile. It keeps itself alive until `close` or the end of the loop.
package final class TCPListener {
    /// Where it really listens: the port is the kernel's choice if 0 was asked for.
    package let address: SocketAddress
    /// How often there was no descriptor for a connection.
    package private(set) var acceptFailureCount: UInt64 = 0
    package private(set) var isOpen = true

    private let loop: EventLoop
    private var socket: ListeningSocket?
    private let poller: SocketPoller
    private let pause: Timer
    private var handler: ((TCPStream) -> Void)?

    /// `handler` gets each new stream, not yet reading; it sets a delegate and starts it, or closes it.
    package init(
        loop: EventLoop, address: SocketAddress, backlog: Int32 = ReactorLimits.listenBacklog,
        _ handler: ((TCPStream) -> Void)? = nil
    ) throws(ReactorError) {
        let socket = try ListeningSocket(address, backlog: backlog)
        let poller = try SocketPoller(loop: loop, descriptor: socket.descriptor)
        self.loop = loop
        self.address = socket.address
        self.socket = consume socket
        self.poller = poller
        self.handler = handler
        pause = Timer(loop: loop)
        do {
            if handler != nil { try watch() }
        } catch {
            close()
            throw error
        }
    }

    /// Begins to accept on a listener that was made without a handler. Clients that connected before wait in the
    /// kernel's backlog.
    package func start(_ handler: @escaping (TCPStream) -> Void) throws(ReactorError) {
        precondition(self.handler == nil && isOpen, "a listener was started twice, or after it was closed")
        self.handler = handler
        try watch()
    }

    /// Stops listening. Connections that the kernel has completed and nobody has accepted are reset by it.
    package func close() {
        guard isOpen else { return }
        isOpen = false
        poller.close()
        pause.close()
        socket = nil
        handler = nil
    }

    /// Accepts what the kernel has completed, at most `limit`, then closes: for a shutdown that drops nobody.
    package func acceptWaitingThenClose(limit: Int) {
        _ = accept(atMost: limit)
        close()
    }

    private func watch() throws(ReactorError) {
        try poller.start(.readable) { _ in
            if !self.accept(atMost: ReactorLimits.acceptsPerTurn) { self.rest() }
        }
    }

    /// False when the process has no descriptor left.
    private func accept(atMost limit: Int) -> Bool {
        for _ in 0..<limit {
            guard isOpen, let accepted = socket?.acceptNext() else { return true }
            switch accepted {
            case .connection(let descriptor, let peer):
                handler?(TCPStream(loop: loop, descriptor: descriptor, peer: peer))
            case .none:
                return true
            case .failed:
                acceptFailureCount += 1
                return false
            }
        }
        return true
    }

    private func rest() {
        guard isOpen else { return }
        poller.stop()
        pause.start(afterMilliseconds: ReactorLimits.acceptPauseMilliseconds) {
            if (try? self.watch()) == nil { self.rest() }
        }
    }
}
