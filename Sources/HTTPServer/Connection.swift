internal import Base
internal import HTTP
internal import Reactor

/// One client connection. `ConnectionState` decides everything that happens on it; this class holds the buffers,
/// reports events to the state, and performs the actions that come out.
///
/// Requests are served one at a time and in order. Bytes that a client sends ahead wait in `backlog`, and when that is
/// full, in the kernel and at the client. The stream keeps a connection alive until it has closed. Loop thread only.
final class Connection {
    typealias Event = ConnectionState.Event
    typealias Actions = ConnectionState.Actions

    let server: Server
    let stream: TCPStream
    /// The index of this connection in the server's table.
    var slot = 0
    private var state = ConnectionState.accepted
    /// The request that is being answered on this connection; nil unless the state is `answering`.
    private var exchange: Exchange?
    private var reader: RequestReader
    private var backlog: [UInt8] = []
    private var output: [UInt8] = []
    /// The part of `heldBodyBytes`, the bytes of memory for all request bodies that the server is receiving, that is
    /// held by this connection.
    private var countedBodyBytes = 0
    /// While the handler is called with a request: how many of the bytes that are being parsed came after that request.
    /// Otherwise 0.
    private var unparsedBytes = 0
    private var watch: ConnectionWatch
    /// The reason why the current request was too slow at the last tick; nil if it was not.
    private var lateness: Rejection?

    init(server: Server, stream: TCPStream) {
        self.server = server
        self.stream = stream
        reader = RequestReader(limits: server.parserLimits)
        watch = ConnectionWatch(nowMilliseconds: server.loop.nowMilliseconds)
    }

    /// The client's address and port. Kept as text, because printing an address costs more than parsing most requests.
    private(set) lazy var peer = stream.peer?.description ?? "unknown"

    /// Whether the current response is the last one of this connection because the server drains and no further request
    /// has been received.
    var isEnding: Bool { server.isDraining && unparsedBytes == 0 && backlog.isEmpty }

    /// Whether no part of a request has been received and no response waits to be sent.
    var isIdle: Bool { state.isIdle(buffers) }

    private var buffers: ConnectionState.Buffers {
        ConnectionState.Buffers(
            backlogBytes: backlog.count, outputBytes: output.count,
            unsentBytes: stream.isOpen ? stream.pendingWriteBytes : 0, isBetweenRequests: reader.isBetweenRequests)
    }
}

// MARK: Applying events to the connection's state and performing the actions that it returns

extension Connection {
    private func apply(_ event: Event) -> Actions {
        state.apply(event, buffers, server.limits)
    }

    private func handle(_ event: Event) {
        perform(apply(event))
    }

    /// Performs the actions that `ConnectionState` returned for an event, except `parse` and `keepInput`. These two
    /// need the received bytes, so the callers that have the bytes perform them.
    private func perform(_ actions: Actions) {
        if actions.contains(.restartTimers) { watch.restart(nowMilliseconds: server.loop.nowMilliseconds) }
        if actions.contains(.flush) { flush() }
        if actions.contains(.finishWriting) { finishWriting() }
        if actions.contains(.scheduleFlush) { server.flushAtEndOfIteration(self) }
        if actions.contains(.scheduleResume) { server.loop.enqueue { self.resume() } }
        if actions.contains(.resumeReading) { stream.resumeReading() }
        if actions.contains(.pauseReading) { stream.pauseReading() }
        if actions.contains(.rejectLate) {
            guard let lateness else { preconditionFailure("a request was rejected as late that is not") }
            reject(lateness)
        }
        if actions.contains(.countWriteStall) { server.tally.writeStalls += 1 }
        if actions.contains(.countIdleTimeout) { server.tally.idleTimeouts += 1 }
        if actions.contains(.close) || actions.contains(.reset) { end(actions) }
        // The stream can be closed here although no event closed it: a loop that ends closes all its streams.
        if actions.contains(.settle), stream.isOpen { handle(.settle) }
    }

    private func end(_ actions: Actions) {
        output = []
        if actions.contains(.reset) { stream.reset() } else { stream.close() }
        guard actions.contains(.abandonExchange), let cut = exchange else { return }
        exchange = nil
        server.tally.cutExchanges += 1
        cut.abandon()
        server.didFinish(cut)
    }

    private func finishWriting() {
        guard stream.isOpen else { return }
        flush()
        stream.shutdown()
        backlog = []
        watch.restart(nowMilliseconds: server.loop.nowMilliseconds)
        watch.restartLingering(nowMilliseconds: server.loop.nowMilliseconds)
    }

    /// Ends the connection at once: unsent bytes are discarded, and an exchange under way is abandoned.
    func drop(_ ending: ConnectionState.Ending) {
        handle(.drop(ending))
    }

    /// Sends the output, at the end of the loop iteration for which `flushAtEndOfIteration` was called.
    func flushDue() {
        handle(.flushDue)
    }

    /// Closes an idle connection of a server that drains.
    func drainIdle() {
        handle(.drainIdle)
    }

    func tick(nowMilliseconds now: UInt64) {
        guard stream.isOpen else { return }
        let limits = server.limits
        var expired: ConnectionState.Expired = server.closesIdle ? .drain : []
        if watch.isStalled(stream, limitMilliseconds: limits.writeStallMilliseconds, nowMilliseconds: now) {
            expired.insert(.writeStall)
        }
        if watch.hasRested(forMilliseconds: limits.idleMilliseconds, nowMilliseconds: now) { expired.insert(.idle) }
        if stream.pendingWriteBytes > 0 { watch.restartLingering(nowMilliseconds: now) }
        if watch.hasLingered(limits, isDraining: server.isDraining, nowMilliseconds: now) { expired.insert(.linger) }
        if !reader.isBetweenRequests {
            lateness = reader.lateness(limits, nowNanoseconds: EventLoop.monotonicNanoseconds())
            if lateness != nil { expired.insert(.request) }
        }
        handle(.tick(expired))
    }
}

// MARK: Events of the connection's TCP stream

extension Connection: TCPStreamDelegate {
    func stream(_ stream: TCPStream, didRead bytes: Span<UInt8>) {
        let actions = apply(.bytesArrived(bytes.count))
        if actions.contains(.parse) { parse(bytes) }
        if actions.contains(.keepInput) { backlog.append(bytes) }
        perform(actions)
    }

    func streamDidEnd(_ stream: TCPStream) {
        handle(.inputEnded)
    }

    func stream(_ stream: TCPStream, didFail error: ReactorError) {
        drop(.close)
    }

    func streamDidWrite(_ stream: TCPStream) {
        exchange?.connectionDidWrite(self)
        if stream.isOpen { handle(.settle) }
    }

    func streamDidClose(_ stream: TCPStream) {
        // A loop that ends closes its streams without calling `drop`; a request that is being answered must be
        // abandoned then too.
        drop(.close)
        countBody(0)
        server.remove(self)
    }
}

// MARK: Receiving

extension Connection {
    func start() {
        stream.start(delegate: self)
    }

    private func resume() {
        let actions = apply(.resumeDue)
        if actions.contains(.parse) {
            var bytes: [UInt8] = []
            swap(&bytes, &backlog)
            parse(bytes.span)
        }
        perform(actions)
    }

    private func parse(_ bytes: Span<UInt8>) {
        let now = EventLoop.monotonicNanoseconds()
        var offset = 0
        var served = 0
        reading: while state.isReceiving, served < server.limits.requestsPerIteration, !isBackpressured {
            switch reader.advance(bytes, from: &offset, nowNanoseconds: now, handler: server.handler) {
            case .needsInput: break reading
            case .awaitsContinue: write { $0.append("HTTP/1.1 100 Continue\r\n\r\n") }
            case .request:
                served += 1
                server.tally.requests += 1
                unparsedBytes = bytes.count - offset
                server.handler.handle(makeExchange(isLast: false))
            case .refused(let refusal): reject(.malformed(refusal))
            }
        }
        unparsedBytes = 0
        countBody(reader.heldBodyBytes)
        if state.isReceiving, countedBodyBytes > 0, server.exceedsBodyBudget {
            reject(.bodyBudgetExceeded(limitBytes: server.limits.heldBodyBytes))
            countBody(0)
        }
        let rest = bytes.extracting(offset...)
        if apply(.parsingEnded(unparsedBytes: rest.count)).contains(.keepInput) { backlog.append(rest) }
    }

    private func countBody(_ byteCount: Int) {
        server.tally.heldBodyBytes += byteCount - countedBodyBytes
        countedBodyBytes = byteCount
    }

    /// Gives the current request, complete or not, to the handler's `refuse`. The connection closes after the response.
    func reject(_ rejection: Rejection) {
        if reader.isBetweenRequests { reader.begin(nowNanoseconds: EventLoop.monotonicNanoseconds()) }
        server.tally.rejectedRequests += 1
        server.handler.refuse(makeExchange(isLast: true), rejection)
        if stream.isOpen { handle(.settle) }
    }

    private func makeExchange(isLast: Bool) -> Exchange {
        _ = apply(.requestBegan)
        let exchange = Exchange(
            connection: self, head: reader.head, body: reader.takeBody(),
            receivedAtNanoseconds: reader.startedAtNanoseconds, requestBytes: reader.requestBytes, isLast: isLast)
        self.exchange = exchange
        server.tally.requestsInFlight += 1
        return exchange
    }
}

// MARK: Sending the response to the current request

extension Connection {
    private var waitingBytes: Int { stream.pendingWriteBytes + output.count }

    /// Whether more response bytes wait for this client than `writeHighWaterBytes`.
    var isBackpressured: Bool { stream.isOpen && waitingBytes > server.limits.writeHighWaterBytes }

    /// Whether the client has taken enough after backpressure that `onWritable` may be called.
    var isWritable: Bool { stream.isOpen && stream.pendingWriteBytes <= server.limits.writeLowWaterBytes }

    func write(_ append: (inout [UInt8]) -> Void) {
        if output.capacity == 0 { output = server.outputBuffers.take() }
        append(&output)
    }

    func write(body: [UInt8]) {
        if body.count <= HTTPServerLimits.joinedBodyBytes {
            output.append(body.span)
        } else {
            flush(followedBy: body.span)
        }
    }

    func appendDate(to output: inout [UInt8]) {
        server.dateLine.append(to: &output, loop: server.loop)
    }

    func flush(followedBy body: Span<UInt8> = Span()) {
        guard output.capacity > 0 else { return }
        var ready: [UInt8] = []
        swap(&ready, &output)
        if stream.isOpen { stream.write(ready.span, body) }
        server.outputBuffers.giveBack(ready)
    }

    func didFinish(_ finished: Exchange, keepsAlive: Bool) {
        let actions = apply(.responseFinished(keepsAlive: keepsAlive))
        exchange = nil
        server.didFinish(finished)
        perform(actions)
    }
}
