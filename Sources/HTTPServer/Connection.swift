internal import Base
internal import HTTP
internal import Reactor

/// One client. Requests are served one at a time and in order; what a client sends ahead waits in `backlog`, and when
/// that is full, in the kernel and at the client. The stream keeps this alive until it has closed.
///
/// Every event changes the state, and then `settle` alone draws the consequences: what is written, whether the next
/// request begins, whether we read on, whether it is time to close.
final class Connection {
    enum Phase {
        /// Between requests or in the middle of one.
        case receiving
        case answering(Exchange)
        /// The last answer is given. What still comes is read and dropped until the client closes too.
        case lingering(discardedBytes: Int)
        case closed
    }

    let server: Server
    let stream: TCPStream
    /// Where the server's table has it.
    var slot = 0
    private(set) var phase = Phase.receiving
    private var reader: RequestReader
    private var backlog: [UInt8] = []
    private var output: [UInt8] = []
    /// The part of the server's `heldBodyBytes` that is ours.
    private var countedBodyBytes = 0
    private var peerHasEnded = false
    /// While bytes are being parsed: the answers to one read leave in one write.
    private var isCorked = false
    /// Whether bytes of a next request lie behind those being parsed.
    private var hasMoreInput = false
    private var resumeIsEnqueued = false
    /// Something is to be sent at the end of this turn.
    private var isUnsettled = false
    private var watch: ConnectionWatch

    init(server: Server, stream: TCPStream) {
        self.server = server
        self.stream = stream
        reader = RequestReader(limits: server.parserLimits)
        watch = ConnectionWatch(nowMilliseconds: server.loop.nowMilliseconds)
    }

    /// Written out once: an address costs more to print than most requests to parse.
    private(set) lazy var peer = stream.peer?.description ?? "unknown"

    /// Whether a server that drains has nothing more to do here once the present request is answered.
    var isEnding: Bool { server.isDraining && !hasMoreInput && backlog.isEmpty }

    /// Nothing of a request is here, nothing of an answer waits.
    var isIdle: Bool {
        guard case .receiving = phase else { return false }
        return reader.isBetweenRequests && backlog.isEmpty && waitingBytes == 0
    }
}

// MARK: What the stream tells

extension Connection: TCPStreamDelegate {
    func stream(_ stream: TCPStream, didRead bytes: Span<UInt8>) {
        switch phase {
        case .receiving where backlog.isEmpty && !isBehind:
            watch.stir(nowMilliseconds: server.loop.nowMilliseconds)
            consume(bytes)
        case .receiving, .answering: backlog.append(bytes)
        case .lingering(let discarded): linger(discarded + bytes.count)
        case .closed: preconditionFailure("a closed connection was read")
        }
        settle()
    }

    private func linger(_ discardedBytes: Int) {
        phase = .lingering(discardedBytes: discardedBytes)
        if discardedBytes > server.limits.lingerBytes { drop(.close) }
    }

    func streamDidEnd(_ stream: TCPStream) {
        peerHasEnded = true
        settle()
    }

    func stream(_ stream: TCPStream, didFail error: ReactorError) {
        drop(.close)
    }

    func streamDidWrite(_ stream: TCPStream) {
        if case .answering(let exchange) = phase { exchange.connectionDidWrite(self) }
        settle()
    }

    func streamDidClose(_ stream: TCPStream) {
        // The loop may close a stream over our head; then there is still an exchange to end.
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

    private func consume(_ bytes: Span<UInt8>) {
        isCorked = true
        let now = EventLoop.monotonicNanoseconds()
        var offset = 0
        var served = 0
        reading: while case .receiving = phase, served < server.limits.requestsPerTurn, !isBehind {
            switch reader.advance(bytes, from: &offset, nowNanoseconds: now, handler: server.handler) {
            case .needsInput: break reading
            case .awaitsContinue: write { $0.append("HTTP/1.1 100 Continue\r\n\r\n") }
            case .request:
                served += 1
                server.tally.requests += 1
                hasMoreInput = offset < bytes.count
                server.handler.handle(makeExchange(isLast: false))
            case .refused(let refusal): reject(.malformed(refusal))
            }
        }
        keepRest(bytes.extracting(offset...))
        hasMoreInput = false
        countBody(reader.heldBodyBytes)
        if case .receiving = phase, countedBodyBytes > 0, server.isCrowded {
            reject(.crowded(limitBytes: server.limits.heldBodyBytes))
            countBody(0)
        }
        isCorked = false
    }

    private func countBody(_ byteCount: Int) {
        server.tally.heldBodyBytes += byteCount - countedBodyBytes
        countedBodyBytes = byteCount
    }

    func reject(_ rejection: Rejection) {
        if reader.isBetweenRequests { reader.begin(nowNanoseconds: EventLoop.monotonicNanoseconds()) }
        server.tally.rejectedRequests += 1
        server.handler.refuse(makeExchange(isLast: true), rejection)
        settle()
    }

    private func makeExchange(isLast: Bool) -> Exchange {
        let exchange = Exchange(
            connection: self, head: reader.head, body: reader.takeBody(),
            receivedAtNanoseconds: reader.startedAtNanoseconds, requestBytes: reader.requestBytes, isLast: isLast)
        phase = .answering(exchange)
        server.tally.requestsInFlight += 1
        return exchange
    }

    private func keepRest(_ rest: Span<UInt8>) {
        switch phase {
        case .receiving, .answering: if !rest.isEmpty { backlog.append(rest) }
        case .lingering(let discarded): phase = .lingering(discardedBytes: discarded + rest.count)
        case .closed: break
        }
    }
}

// MARK: Answering, for Exchange

extension Connection {
    /// So much waits for this client that it must read before it gets more.
    var isBehind: Bool { stream.isOpen && waitingBytes > server.limits.writeHighWaterBytes }
    private var waitingBytes: Int { stream.pendingWriteBytes + output.count }
    var hasCaughtUp: Bool { stream.isOpen && stream.pendingWriteBytes <= server.limits.writeLowWaterBytes }

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

    func didFinish(_ exchange: Exchange, keepsAlive: Bool) {
        phase = keepsAlive ? .receiving : .lingering(discardedBytes: 0)
        watch.stir(nowMilliseconds: server.loop.nowMilliseconds)
        server.didFinish(exchange)
        if !keepsAlive { finishWriting() }
        settle()
    }

    private func finishWriting() {
        guard stream.isOpen else { return }
        flush()
        stream.shutdown()
        backlog = []
        watch.stir(nowMilliseconds: server.loop.nowMilliseconds)
    }
}

// MARK: Consequences

extension Connection {
    private func settle() {
        guard !isCorked, stream.isOpen else { return }
        if output.isEmpty { return drawConsequences() }
        guard !isUnsettled else { return }
        isUnsettled = true
        server.settleAtEndOfTurn(self)
    }

    /// At the end of the turn, for the server.
    func settleNow() {
        precondition(isUnsettled, "a connection was settled that had nothing to send")
        isUnsettled = false
        guard stream.isOpen else { return }
        flush()
        drawConsequences()
    }

    private func drawConsequences() {
        switch phase {
        case .receiving where !backlog.isEmpty:
            if !isBehind { enqueueResume() }
        case .receiving where peerHasEnded:
            phase = .lingering(discardedBytes: 0)
            finishWriting()
            drawConsequences()
        case .lingering where peerHasEnded && stream.pendingWriteBytes == 0:
            drop(.close)
        case .receiving, .answering, .lingering, .closed: break
        }
        adjustReading()
    }

    /// In the next turn, not now: we may be inside a call of the handler.
    private func enqueueResume() {
        guard !resumeIsEnqueued else { return }
        resumeIsEnqueued = true
        server.loop.enqueue {
            self.resumeIsEnqueued = false
            self.resume()
        }
    }

    private func resume() {
        guard case .receiving = phase, !backlog.isEmpty, !isBehind else { return }
        var bytes: [UInt8] = []
        swap(&bytes, &backlog)
        consume(bytes.span)
        settle()
    }

    private func adjustReading() {
        let wantsMore: Bool
        switch phase {
        case .receiving: wantsMore = !isBehind && backlog.count < server.limits.pipelinedBytes
        case .answering: wantsMore = backlog.count < server.limits.pipelinedBytes
        case .lingering: wantsMore = true
        case .closed: wantsMore = false
        }
        if wantsMore && !peerHasEnded { stream.resumeReading() } else { stream.pauseReading() }
    }

    enum Ending { case close, reset }

    /// The end, at once: what was not sent is not, and an exchange under way is cut.
    func drop(_ ending: Ending) {
        let last = phase
        if case .closed = last { return }
        phase = .closed
        output = []
        switch ending {
        case .close: stream.close()
        case .reset: stream.reset()
        }
        if case .answering(let exchange) = last {
            server.tally.cutExchanges += 1
            exchange.abandon()
            server.didFinish(exchange)
        }
    }
}

// MARK: The clock

extension Connection {
    func tick(nowMilliseconds now: UInt64) {
        guard stream.isOpen else { return }
        let limits = server.limits
        if watch.isStalled(stream, limitMilliseconds: limits.writeStallMilliseconds, nowMilliseconds: now) {
            server.tally.writeStalls += 1
            return drop(.reset)
        }
        switch phase {
        case .receiving where isIdle && server.closesIdle:
            drop(.close)
        case .receiving where isIdle:
            guard watch.hasRested(forMilliseconds: limits.idleMilliseconds, nowMilliseconds: now) else { return }
            server.tally.idleTimeouts += 1
            drop(.close)
        case .receiving where backlog.isEmpty && !reader.isBetweenRequests:
            rejectIfLate()
        case .lingering where stream.pendingWriteBytes == 0:
            if watch.hasRested(forMilliseconds: limits.lingerMilliseconds, nowMilliseconds: now) { drop(.close) }
        case .receiving, .answering, .lingering, .closed:
            watch.stir(nowMilliseconds: now)
        }
    }

    private func rejectIfLate() {
        let limit = server.limits.requestMilliseconds
        let elapsed = EventLoop.monotonicNanoseconds() - reader.startedAtNanoseconds
        if elapsed >= limit * 1_000_000 { reject(.timedOut(limitMilliseconds: limit)) }
    }

    /// For a server that drains.
    func endIfIdle() {
        guard case .receiving = phase, reader.isBetweenRequests, backlog.isEmpty else { return }
        if waitingBytes == 0 { return drop(.close) }
        phase = .lingering(discardedBytes: 0)
        finishWriting()
        settle()
    }
}
