/// The state of one connection and its only transition function: an event goes in, the new state and the actions that
/// `Connection` must perform come out. Nothing here reads a socket, a clock or a handler, so every transition is tested
/// as one line of a table.
///
/// A connection serves one request at a time, in order. Events report what happened; `settle`, which follows most of
/// them, decides the consequences: sending responses, beginning the next request, reading on or not, closing.
enum ConnectionState: Equatable {
    case open(Phase, Input, Work)
    case closed

    /// The state of a connection that was accepted just now.
    static let accepted = ConnectionState.open(.receiving, .open, .idle)

    /// The phase of the connection: receiving a request, answering it, or waiting for the client to close.
    enum Phase: Equatable {
        /// The connection is receiving the next request, or waiting for its first byte.
        case receiving
        /// The handler has received a request and has not finished its response.
        case answering
        /// The last response is written and the server's sending side is shut down. Input is read and discarded until
        /// the client closes too: closing over unread bytes would send a reset, which can destroy the response on its
        /// way. After `lingerBytes` nothing more is read, and TCP holds the client back until the connection closes.
        case lingering(discardedBytes: Int)
    }

    /// Whether the client's sending side of the connection is open.
    enum Input: Equatable {
        case open
        case ended
    }

    /// Whether received bytes of this connection are being parsed now, and what will be done at the end of this loop
    /// iteration: sending the output, resuming to parse the backlog, or both. Parsing and a scheduled resume exclude
    /// each other, because nothing else is parsed while there is a backlog.
    enum Work: Equatable {
        case idle
        /// The parser is running, further up the call stack. The event `settle`, which decides what the connection does
        /// next, has no effect until the parser returns, so that the responses to one read are sent by one write.
        case parsing
        case parsingWithFlushScheduled
        /// The connection's output will be sent at the end of this loop iteration.
        case flushScheduled
        /// The connection's backlog of received bytes will be parsed at the end of this loop iteration.
        case resumeScheduled
        case flushAndResumeScheduled
    }

    enum Ending: Equatable { case close, reset }

    enum Event: Equatable {
        /// The stream has read this many bytes, which have not been parsed yet.
        case bytesArrived(Int)
        case inputEnded
        /// A complete request, or the rejection of one, is passed to the handler.
        case requestBegan
        case responseFinished(keepsAlive: Bool)
        /// The parser has returned. Received bytes are left unparsed if a response must be sent first, if too many
        /// response bytes wait for the client, or if other connections are served next.
        case parsingEnded(unparsedBytes: Int)
        /// The end of the loop iteration has come, and the output buffer is sent, as the action `scheduleFlush`
        /// requested.
        case flushDue
        /// The end of the loop iteration has come, and the backlog of received bytes can be parsed, as the action
        /// `scheduleResume` requested.
        case resumeDue
        case settle
        case tick(Expired)
        /// The server drains, and all bytes that clients sent before the drain have been read. An idle connection
        /// closes.
        case drainIdle
        /// Ends the connection at once: unsent bytes are discarded and a request under way is abandoned.
        case drop(Ending)
    }

    /// The numbers of received and unsent bytes that a connection holds, on which the transitions of its state depend.
    struct Buffers: Equatable {
        /// Bytes received behind the current request and not parsed yet.
        var backlogBytes = 0
        /// Response bytes that are in the output buffer and were not passed to the stream yet.
        var outputBytes = 0
        /// Response bytes that were passed to the stream and not taken by the kernel yet.
        var unsentBytes = 0
        /// Whether the parser has consumed nothing of a next request.
        var isBetweenRequests = true

        var waitingBytes: Int { outputBytes + unsentBytes }
    }

    /// The time limits of a connection that have passed at a tick.
    struct Expired: OptionSet {
        let rawValue: UInt8

        /// The client has taken no byte of a response for the write stall limit.
        static let writeStall = Expired(rawValue: 1)
        /// The connection has had no activity for the idle limit.
        static let idle = Expired(rawValue: 2)
        /// A lingering connection has received nothing for the linger limit, or has reached the limit on its total time
        /// of lingering.
        static let linger = Expired(rawValue: 4)
        /// The current request is too slow: its head was not complete within the request limit, or too little of its
        /// body arrives.
        static let request = Expired(rawValue: 8)
        /// The server drains: idle connections have no time left.
        static let drain = Expired(rawValue: 16)
    }

    /// The actions that `Connection` must perform after an event has changed its state. They are performed in the order
    /// in which they are declared.
    struct Actions: OptionSet {
        let rawValue: UInt16

        /// Parse received bytes: those of the event `bytesArrived` or, after the event `resumeDue`, those of the
        /// backlog.
        static let parse = Actions(rawValue: 1)
        /// Append received bytes that cannot be parsed yet to the connection's backlog: those of the event
        /// `bytesArrived`, or those that the parser left over.
        static let keepInput = Actions(rawValue: 1 << 1)
        /// Restart the connection's timers of the idle limit and the linger limit.
        static let restartTimers = Actions(rawValue: 1 << 2)
        /// Pass the response bytes in the output buffer to the TCP stream.
        static let flush = Actions(rawValue: 1 << 3)
        /// Pass the response bytes to the stream, shut down the sending side, and discard the backlog of received
        /// bytes.
        static let finishWriting = Actions(rawValue: 1 << 4)
        /// Schedule the event `flushDue`, which sends the output buffer, for the end of this loop iteration.
        static let scheduleFlush = Actions(rawValue: 1 << 5)
        /// Schedule the event `resumeDue`, which parses the backlog of received bytes, for the end of this loop
        /// iteration.
        static let scheduleResume = Actions(rawValue: 1 << 6)
        static let resumeReading = Actions(rawValue: 1 << 7)
        static let pauseReading = Actions(rawValue: 1 << 8)
        /// Reject the current request because it is too slow.
        static let rejectLate = Actions(rawValue: 1 << 9)
        static let countWriteStall = Actions(rawValue: 1 << 10)
        static let countIdleTimeout = Actions(rawValue: 1 << 11)
        /// Close the stream; the kernel still sends what it has taken.
        static let close = Actions(rawValue: 1 << 12)
        /// Close the stream with a TCP reset.
        static let reset = Actions(rawValue: 1 << 13)
        /// Tell the handler that the connection ended before the response to the current request was complete.
        static let abandonExchange = Actions(rawValue: 1 << 14)
        /// Apply the event `settle`, which decides what the connection does next, after all other actions have been
        /// performed.
        static let settle = Actions(rawValue: 1 << 15)
    }
}

// MARK: Reading the state

extension ConnectionState {
    var isReceiving: Bool {
        if case .open(.receiving, _, _) = self { true } else { false }
    }

    var isAnswering: Bool {
        if case .open(.answering, _, _) = self { true } else { false }
    }

    /// Whether no part of a request has been received and no response waits to be sent.
    func isIdle(_ buffers: Buffers) -> Bool {
        isReceiving && buffers.isBetweenRequests && buffers.backlogBytes == 0 && buffers.waitingBytes == 0
    }
}

extension ConnectionState.Work {
    var isParsing: Bool { self == .parsing || self == .parsingWithFlushScheduled }

    var hasFlush: Bool {
        self == .flushScheduled || self == .flushAndResumeScheduled || self == .parsingWithFlushScheduled
    }

    var hasResume: Bool { self == .resumeScheduled || self == .flushAndResumeScheduled }

    fileprivate func with(parsing: Bool? = nil, flush: Bool? = nil, resume: Bool? = nil) -> Self {
        switch (parsing ?? isParsing, flush ?? hasFlush, resume ?? hasResume) {
        case (false, false, false): .idle
        case (false, true, false): .flushScheduled
        case (false, false, true): .resumeScheduled
        case (false, true, true): .flushAndResumeScheduled
        case (true, false, false): .parsing
        case (true, true, false): .parsingWithFlushScheduled
        case (true, _, true): preconditionFailure("input was parsed ahead of the backlog")
        }
    }
}

// MARK: The transition function

extension ConnectionState {
    /// Applies `event` to the state of the connection and returns the actions that `Connection` must perform. `buffers`
    /// are the numbers of buffered bytes before the event. An event that cannot happen in the current state is a bug
    /// and traps. A closed connection ignores every event that can still come, such as a scheduled one.
    mutating func apply(_ event: Event, _ buffers: Buffers, _ limits: HTTPServerLimits) -> Actions {
        guard case .open(let phase, let input, let work) = self else {
            switch event {
            case .bytesArrived, .requestBegan, .responseFinished: preconditionFailure("\(event) on a closed connection")
            default: return []
            }
        }
        switch event {
        case .bytesArrived(let count): return accept(count, buffers, limits)
        case .inputEnded:
            self = .open(phase, .ended, work)
            return .settle
        case .requestBegan:
            precondition(phase == .receiving, "a request began before the last one was answered")
            self = .open(.answering, input, work)
            return []
        case .responseFinished(let keepsAlive):
            precondition(phase == .answering, "a response finished without a request")
            self = .open(keepsAlive ? .receiving : .lingering(discardedBytes: 0), input, work)
            return keepsAlive ? [.restartTimers, .settle] : [.restartTimers, .finishWriting, .settle]
        case .parsingEnded(let unparsedBytes): return endParsing(unparsedBytes)
        case .flushDue:
            precondition(work.hasFlush, "a flush was due that was not scheduled")
            self = .open(phase, input, work.with(flush: false))
            return [.flush, .settle]
        case .resumeDue:
            precondition(work.hasResume, "a resume was due that was not scheduled")
            self = .open(phase, input, work.with(resume: false))
            guard phase == .receiving, buffers.backlogBytes > 0, !limits.areExceeded(by: buffers) else { return [] }
            self = .open(phase, input, work.with(parsing: true, resume: false))
            return [.parse, .settle]
        case .settle: return settle(buffers, limits)
        case .tick(let expired): return tick(expired, buffers)
        case .drainIdle:
            guard phase == .receiving, buffers.isBetweenRequests, buffers.backlogBytes == 0 else { return [] }
            if buffers.waitingBytes == 0 { return drop(.close) }
            self = .open(.lingering(discardedBytes: 0), input, work)
            return [.finishWriting, .settle]
        case .drop(let ending): return drop(ending)
        }
    }

    private mutating func accept(_ count: Int, _ buffers: Buffers, _ limits: HTTPServerLimits) -> Actions {
        guard case .open(let phase, let input, let work) = self else { return [] }
        switch phase {
        case .receiving where buffers.backlogBytes == 0 && !limits.areExceeded(by: buffers):
            self = .open(.receiving, input, work.with(parsing: true))
            return [.parse, .restartTimers, .settle]
        case .receiving, .answering:
            return [.keepInput, .settle]
        case .lingering(let discarded):
            self = .open(.lingering(discardedBytes: discarded + count), input, work)
            return [.restartTimers, .settle]
        }
    }

    private mutating func endParsing(_ unparsedBytes: Int) -> Actions {
        guard case .open(var phase, let input, let work) = self else { return [] }
        precondition(work.isParsing, "parsing ended that had not begun")
        if case .lingering(let discarded) = phase { phase = .lingering(discardedBytes: discarded + unparsedBytes) }
        self = .open(phase, input, work.with(parsing: false))
        return unparsedBytes > 0 && (phase == .receiving || phase == .answering) ? .keepInput : []
    }

    private mutating func settle(_ buffers: Buffers, _ limits: HTTPServerLimits) -> Actions {
        guard case .open(let phase, let input, let work) = self, !work.isParsing else { return [] }
        if buffers.outputBytes > 0 {
            self = .open(phase, input, work.with(flush: true))
            return work.hasFlush ? [] : .scheduleFlush
        }
        var actions: Actions = []
        switch phase {
        case .receiving where buffers.backlogBytes > 0:
            if !work.hasResume, !limits.areExceeded(by: buffers) {
                self = .open(phase, input, work.with(resume: true))
                actions = .scheduleResume
            }
        case .receiving where input == .ended:
            self = .open(.lingering(discardedBytes: 0), input, work)
            return [.finishWriting, .settle]
        case .lingering where input == .ended && buffers.unsentBytes == 0:
            return drop(.close)
        case .receiving, .answering, .lingering: break
        }
        let wantsInput = input == .open && Self.hasRoom(for: phase, buffers, limits)
        return actions.union(wantsInput ? .resumeReading : .pauseReading)
    }

    private static func hasRoom(for phase: Phase, _ buffers: Buffers, _ limits: HTTPServerLimits) -> Bool {
        switch phase {
        case .receiving: !limits.areExceeded(by: buffers) && buffers.backlogBytes < limits.pipelinedBytes
        case .answering: buffers.backlogBytes < limits.pipelinedBytes
        case .lingering(let discardedBytes): discardedBytes < limits.lingerBytes
        }
    }

    private mutating func tick(_ expired: Expired, _ buffers: Buffers) -> Actions {
        guard case .open(let phase, _, _) = self else { return [] }
        if expired.contains(.writeStall) { return drop(.reset).union(.countWriteStall) }
        switch phase {
        case .receiving where isIdle(buffers):
            if expired.contains(.drain) { return drop(.close) }
            return expired.contains(.idle) ? drop(.close).union(.countIdleTimeout) : []
        case .receiving where buffers.backlogBytes == 0 && !buffers.isBetweenRequests:
            return expired.contains(.request) ? .rejectLate : []
        case .lingering where buffers.unsentBytes == 0:
            return expired.contains(.linger) ? drop(.close) : []
        case .receiving, .answering, .lingering:
            return .restartTimers
        }
    }

    private mutating func drop(_ ending: Ending) -> Actions {
        let wasAnswering = isAnswering
        self = .closed
        let actions: Actions = ending == .close ? .close : .reset
        return wasAnswering ? actions.union(.abandonExchange) : actions
    }
}

extension HTTPServerLimits {
    /// Whether so many response bytes wait for the client that no further request may begin.
    fileprivate func areExceeded(by buffers: ConnectionState.Buffers) -> Bool {
        buffers.waitingBytes > writeHighWaterBytes
    }
}
