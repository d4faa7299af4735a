package import HTTP
package import Reactor

/// Serves HTTP/1.1 on any number of addresses and hands whole requests to a handler. Loop-bound.
package final class Server {
    let loop: EventLoop
    let limits: HTTPServerLimits
    let parserLimits: HTTPLimits
    let handler: any RequestHandler
    var dateLine = DateLine()
    var outputBuffers = OutputBuffers()
    var tally = ServerCounters()

    private enum Life {
        case serving
        /// What had been sent before this began is still being read.
        case draining
        /// It has been read: what is idle now stays so.
        case closingIdle
        case drained
    }
    private var life = Life.serving
    private var listeners: [TCPListener] = []
    private var connections: [Connection] = []
    private var completion: (() -> Void)?
    private let ticker: Timer
    /// Those that have something to send.
    private var unsettled: [Connection] = []
    private var settling: [Connection] = []

    package init(
        loop: EventLoop, limits: HTTPServerLimits = HTTPServerLimits(), parserLimits: HTTPLimits = .standard,
        handler: any RequestHandler
    ) {
        self.loop = loop
        self.limits = limits
        self.parserLimits = parserLimits
        self.handler = handler
        ticker = Timer(loop: loop)
        let period = limits.tickMilliseconds
        ticker.start(afterMilliseconds: period, repeatMilliseconds: period) { [unowned self] in self.tick() }
    }

    deinit {
        for listener in listeners { listener.close() }
        ticker.close()
    }

    /// Returns the address it really listens on: port 0 becomes the kernel's choice.
    package func listen(on address: SocketAddress) throws(ReactorError) -> SocketAddress {
        precondition(life == .serving, "a server that drains was told to listen")
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
    var isCrowded: Bool { tally.heldBodyBytes > limits.heldBodyBytes }
    var closesIdle: Bool { life == .closingIdle }
}

// MARK: Connections

extension Server {
    private func accept(_ stream: TCPStream) {
        tally.acceptedConnections += 1
        let excess = connections.count - limits.maximumConnections
        guard excess < limits.refusingConnections else {
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
            precondition(connections[connection.slot] === connection, "the table has lost a connection")
            last.slot = connection.slot
            connections[last.slot] = last
        }
        finishDrainIfDone()
    }

    /// The answers of one turn leave together at its end. To wake a client that sleeps takes as long as all the rest of
    /// a write; when they leave one by one that is paid for each of them, together for the first.
    func settleAtEndOfTurn(_ connection: Connection) {
        if unsettled.isEmpty { loop.enqueue { self.settleAll() } }
        unsettled.append(connection)
    }

    private func settleAll() {
        swap(&unsettled, &settling)
        for connection in settling { connection.settleNow() }
        settling.removeAll(keepingCapacity: true)
    }

    func didFinish(_ exchange: Exchange) {
        tally.requestsInFlight -= 1
        handler.exchangeDidFinish(exchange)
    }

    private func tick() {
        let now = loop.nowMilliseconds
        // By index: a handler that is called from here may do anything but remove a connection, which comes later.
        for index in connections.indices { connections[index].tick(nowMilliseconds: now) }
    }
}

// MARK: The end

extension Server {
    /// Takes no further connection, answers what has been received or is on its way in, closes what is idle; then calls
    /// `completion`, in a later turn. For those who do not finish in time there is `closeRemaining`.
    package func drain(_ completion: @escaping () -> Void) {
        precondition(life == .serving, "a server was drained twice")
        life = .draining
        self.completion = completion
        for listener in listeners { listener.acceptWaitingThenClose(limit: limits.maximumConnections) }
        // The first of these runs when this turn ends, the second after one more look at every socket. What a client
        // had sent before we began has been read by then, and its connection is not idle.
        loop.enqueue {
            self.loop.enqueue { self.closeIdle() }
        }
    }

    /// Cuts every connection, answered or not.
    package func closeRemaining() {
        if life == .serving { life = .draining }
        for listener in listeners { listener.close() }
        for connection in connections { connection.drop(connection.isIdle ? .close : .reset) }
        loop.enqueue { self.finishDrainIfDone() }
    }

    private func closeIdle() {
        if life == .draining { life = .closingIdle }
        for connection in connections { connection.endIfIdle() }
        finishDrainIfDone()
    }

    private func finishDrainIfDone() {
        guard isDraining, life != .drained, connections.isEmpty else { return }
        life = .drained
        ticker.close()
        let tell = completion
        completion = nil
        loop.enqueue { tell?() }
    }
}
