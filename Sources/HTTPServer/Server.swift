package import HTTP
package import Reactor

/// Serves HTTP/1.1 on any number of addresses and passes complete requests to a handler. Loop thread only.
package final class Server {
    let loop: EventLoop
    let limits: HTTPServerLimits
    let parserLimits: HTTPLimits
    let handler: any RequestHandler
    /// The encoded Connection and Keep-Alive fields of a response on a connection that stays open.
    let keepAliveFields: [UInt8]
    var dateLine = DateLine()
    var outputBuffers = OutputBuffers()
    var tally = ServerCounters()

    private enum Life {
        case serving
        /// Requests that clients had sent before the drain began are still being read.
        case draining
        /// All requests that clients sent before the drain have been read. A connection that is idle now is closed.
        case closingIdle
        case drained
    }
    private var life = Life.serving
    private var listeners: [TCPListener] = []
    private var connections: [Connection] = []
    private var completion: (() -> Void)?
    private let ticker: Timer
    /// Connections whose output is sent at the end of this loop iteration.
    private var unflushed: [Connection] = []
    private var flushing: [Connection] = []

    package init(
        loop: EventLoop, limits: HTTPServerLimits = HTTPServerLimits(), parserLimits: HTTPLimits = .standard,
        handler: any RequestHandler
    ) {
        self.loop = loop
        self.limits = limits
        self.parserLimits = parserLimits
        self.handler = handler
        let idleSeconds = limits.idleMilliseconds / 1_000
        keepAliveFields = Array("Connection: keep-alive\r\nKeep-Alive: timeout=\(idleSeconds)\r\n".utf8)
        ticker = Timer(loop: loop)
        let period = limits.tickMilliseconds
        ticker.start(afterMilliseconds: period, repeatMilliseconds: period) { [unowned self] in self.tick() }
    }

    deinit {
        for listener in listeners { listener.close() }
        ticker.close()
    }

    /// Listens on `address` too and returns the address in use, whose port is the kernel's choice if port 0 was
    /// requested. Throws if the system does not allow it. Traps after `drain`.
    package func listen(on address: SocketAddress) throws(ReactorError) -> SocketAddress {
        precondition(life == .serving, "listen was called on a draining server")
        let listener = try TCPListener(loop: loop, address: address) { [unowned self] in self.accept($0) }
        listeners.append(listener)
        return listener.address
    }

    /// Accepts connections on a listener that is bound and not started, and closes it at the end.
    package func listen(with listener: TCPListener) throws(ReactorError) {
        precondition(life == .serving, "a server that drains was told to listen")
        listeners.append(listener)
        try listener.start { [unowned self] in self.accept($0) }
    }

    package var counters: ServerCounters {
        var counters = tally
        counters.openConnections = connections.count
        counters.acceptFailures = listeners.reduce(0) { $0 + $1.acceptFailureCount }
        return counters
    }

    var isDraining: Bool { life != .serving }
    /// Whether the bodies being received on all connections exceed their memory limit.
    var exceedsBodyBudget: Bool { tally.heldBodyBytes > limits.heldBodyBytes }
    var closesIdle: Bool { life == .closingIdle }
}

// MARK: Connections

extension Server {
    private func accept(_ stream: TCPStream) {
        tally.acceptedConnections += 1
        let excess = connections.count - limits.maximumConnections
        guard excess < limits.rejectingConnections else {
            tally.refusedConnections += 1
            return stream.reset()
        }
        let connection = Connection(server: self, stream: stream)
        connection.slot = connections.count
        connections.append(connection)
        connection.start()
        guard excess >= 0 else { return }
        tally.refusedConnections += 1
        connection.reject(.overloaded(limitConnections: limits.maximumConnections))
    }

    func remove(_ connection: Connection) {
        let last = connections.removeLast()
        if last !== connection {
            precondition(connections[connection.slot] === connection, "a connection is not at its slot of the table")
            last.slot = connection.slot
            connections[last.slot] = last
        }
        finishDrainIfDone()
    }

    /// Sends the output of `connection` at the end of the loop iteration, together with that of all other connections.
    /// Waking a sleeping client process costs about as much as the rest of a write. Responses that are sent together
    /// pay for that once, if one client process waits for several of them; sent one by one, they pay for it each.
    func flushAtEndOfIteration(_ connection: Connection) {
        if unflushed.isEmpty { loop.enqueue { self.flushAll() } }
        unflushed.append(connection)
    }

    private func flushAll() {
        swap(&unflushed, &flushing)
        for connection in flushing { connection.flushDue() }
        flushing.removeAll(keepingCapacity: true)
    }

    func didFinish(_ exchange: Exchange) {
        tally.requestsInFlight -= 1
        handler.exchangeDidFinish(exchange)
    }

    private func tick() {
        let now = loop.nowMilliseconds
        // Connections are visited by index, because a handler called from here may add connections to the table. It
        // cannot remove one: that happens in a later close callback.
        for index in connections.indices { connections[index].tick(nowMilliseconds: now) }
    }
}

// MARK: Drain and close

extension Server {
    /// Stops listening, answers requests that clients have sent before now, and closes idle connections. Calls
    /// `completion` on the loop, in a later iteration, when no connection is left. There is no time limit: call
    /// `closeRemaining` for connections that do not finish in time.
    package func drain(_ completion: @escaping () -> Void) {
        precondition(life == .serving, "a server was drained twice")
        life = .draining
        self.completion = completion
        for listener in listeners { listener.acceptWaitingThenClose(limit: limits.maximumConnections) }
        // Idle connections are closed two steps later: the outer closure runs at the end of this loop iteration and the
        // inner one after one more poll of every socket. By then, everything that a client had sent before the drain
        // has been read, so its connection is not idle.
        loop.enqueue {
            self.loop.enqueue { self.closeIdle() }
        }
    }

    /// Ends every connection: idle ones are closed, all others are reset and their exchanges cut.
    package func closeRemaining() {
        if life == .serving { life = .draining }
        for listener in listeners { listener.close() }
        for connection in connections { connection.drop(connection.isIdle ? .close : .reset) }
        loop.enqueue { self.finishDrainIfDone() }
    }

    private func closeIdle() {
        if life == .draining { life = .closingIdle }
        for connection in connections { connection.drainIdle() }
        finishDrainIfDone()
    }

    private func finishDrainIfDone() {
        guard isDraining, life != .drained, connections.isEmpty else { return }
        life = .drained
        ticker.close()
        let drained = completion
        completion = nil
        loop.enqueue { drained?() }
    }
}
