/// Accepts connections on one address. Work is bounded: at most `ReactorLimits.acceptsPerIteration` connections in one
/// loop iteration, the rest wait in the kernel. When the process has no descriptor or memory left, the listener pauses
/// instead of spinning on a socket that stays readable; clients wait in the kernel's backlog meanwhile. A listener
/// keeps itself alive until `close` or the end of the loop. Loop thread only.
package final class TCPListener {
    /// The address that the listener is bound to; its port is the kernel's choice if port 0 was requested.
    package let address: SocketAddress
    /// The number of accept attempts that failed because the process had no descriptor or memory left.
    package private(set) var acceptFailureCount: UInt64 = 0
    package private(set) var isOpen = true

    private let loop: EventLoop
    private var socket: ListeningSocket?
    private let poller: SocketPoller
    private let pauseTimer: Timer
    private var handler: ((TCPStream) -> Void)?

    /// Listens on `address` and calls `handler` on the loop with each new stream, which is not reading yet: the handler
    /// starts it with a delegate or closes it. Throws `addressInUse`, `addressNotAvailable`, `permissionDenied` or
    /// another error of the system.
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
        pauseTimer = Timer(loop: loop)
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

    /// Stops listening. The kernel resets connections that are complete and not accepted.
    package func close() {
        loop.assertOnLoop()
        guard isOpen else { return }
        isOpen = false
        poller.close()
        pauseTimer.close()
        socket = nil
        handler = nil
    }

    /// Accepts at most `limit` connections that the kernel has completed, then closes the listener, so that a shutdown
    /// resets no client that has connected.
    package func acceptWaitingThenClose(limit: Int) {
        loop.assertOnLoop()
        _ = accept(atMost: limit)
        close()
    }

    private func watch() throws(ReactorError) {
        try poller.start(.readable) { _ in
            if !self.accept(atMost: ReactorLimits.acceptsPerIteration) { self.pause() }
        }
    }

    /// Accepts up to `limit` waiting connections. Returns false when one cannot be accepted, usually because the
    /// process has no descriptor left.
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

    private func pause() {
        guard isOpen else { return }
        poller.stop()
        pauseTimer.start(afterMilliseconds: ReactorLimits.acceptPauseMilliseconds) {
            if (try? self.watch()) == nil { self.pause() }
        }
    }
}
