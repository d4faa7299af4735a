@testable import HTTPServer
import Testing

private typealias State = ConnectionState
private typealias Event = ConnectionState.Event
private typealias Actions = ConnectionState.Actions
private typealias Buffers = ConnectionState.Buffers

/// One test case of the connection's state machine: a state, the byte counts of the buffers and an event lead to a new
/// state and its actions.
struct Transition: Sendable, CustomTestStringConvertible {
    fileprivate let before: State
    fileprivate let event: Event
    fileprivate let buffers: Buffers
    fileprivate let after: State
    fileprivate let actions: Actions

    fileprivate init(
        _ before: State, _ event: Event, _ buffers: Buffers = Buffers(), to after: State, _ actions: Actions
    ) {
        self.before = before
        self.event = event
        self.buffers = buffers
        self.after = after
        self.actions = actions
    }

    var testDescription: String { "\(before) on \(event)" }
}

private func open(
    _ phase: State.Phase, _ input: State.Input = .open, _ work: State.Work = .idle
) -> State {
    .open(phase, input, work)
}

private let limits: HTTPServerLimits = {
    var limits = HTTPServerLimits()
    limits.lingerBytes = 100
    limits.pipelinedBytes = 50
    limits.writeHighWaterBytes = 1_000
    return limits
}()

private let lingering = State.Phase.lingering(discardedBytes: 0)
private let withBacklog = Buffers(backlogBytes: 10)
private let fullBacklog = Buffers(backlogBytes: 50)
private let withOutput = Buffers(outputBytes: 10)
private let withUnsent = Buffers(unsentBytes: 10)
private let backpressured = Buffers(unsentBytes: 1_001)
private let inRequest = Buffers(isBetweenRequests: false)

@Suite struct ConnectionStateTests {
    @Test("Arriving bytes are parsed, kept for later or discarded", arguments: [
        Transition(.accepted, .bytesArrived(5), to: open(.receiving, .open, .parsing),
            [.parse, .restartTimers, .settle]),
        Transition(open(.receiving, .open, .flushScheduled), .bytesArrived(5), withOutput,
            to: open(.receiving, .open, .parsingWithFlushScheduled), [.parse, .restartTimers, .settle]),
        Transition(open(.receiving), .bytesArrived(5), withBacklog, to: open(.receiving), [.keepInput, .settle]),
        Transition(open(.receiving), .bytesArrived(5), backpressured, to: open(.receiving), [.keepInput, .settle]),
        Transition(open(.answering), .bytesArrived(5), to: open(.answering), [.keepInput, .settle]),
        Transition(open(lingering), .bytesArrived(100), to: open(.lingering(discardedBytes: 100)),
            [.restartTimers, .settle]),
        Transition(open(.lingering(discardedBytes: 99)), .bytesArrived(64), to: open(.lingering(discardedBytes: 163)),
            [.restartTimers, .settle]),
    ])
    fileprivate func arrival(transition: Transition) { transition.check() }

    @Test("Parsing ends with the rest kept or discarded, and a scheduled flush stays scheduled", arguments: [
        Transition(open(.receiving, .open, .parsing), .parsingEnded(unparsedBytes: 0), to: open(.receiving), []),
        Transition(open(.receiving, .open, .parsing), .parsingEnded(unparsedBytes: 3), to: open(.receiving),
            .keepInput),
        Transition(open(.answering, .ended, .parsingWithFlushScheduled), .parsingEnded(unparsedBytes: 3),
            to: open(.answering, .ended, .flushScheduled), .keepInput),
        Transition(open(lingering, .open, .parsing), .parsingEnded(unparsedBytes: 3),
            to: open(.lingering(discardedBytes: 3)), []),
        Transition(.closed, .parsingEnded(unparsedBytes: 3), to: .closed, []),
    ])
    fileprivate func parsing(transition: Transition) { transition.check() }

    @Test("A request is answered before the next one or the end of the connection", arguments: [
        Transition(open(.receiving, .open, .parsing), .requestBegan, to: open(.answering, .open, .parsing), []),
        Transition(open(.answering, .open, .parsing), .responseFinished(keepsAlive: true),
            to: open(.receiving, .open, .parsing), [.restartTimers, .settle]),
        Transition(open(.answering, .ended), .responseFinished(keepsAlive: false), to: open(lingering, .ended),
            [.restartTimers, .finishWriting, .settle]),
    ])
    fileprivate func requests(transition: Transition) { transition.check() }

    @Test("The responses of one loop iteration are flushed once, at its end", arguments: [
        Transition(open(.receiving), .settle, withOutput, to: open(.receiving, .open, .flushScheduled),
            .scheduleFlush),
        Transition(open(.receiving, .open, .flushScheduled), .settle, withOutput,
            to: open(.receiving, .open, .flushScheduled), []),
        Transition(open(.receiving, .open, .parsing), .settle, withOutput, to: open(.receiving, .open, .parsing), []),
        Transition(open(.answering, .open, .flushScheduled), .flushDue, withOutput, to: open(.answering),
            [.flush, .settle]),
        Transition(open(.receiving, .open, .flushAndResumeScheduled), .flushDue, withBacklog,
            to: open(.receiving, .open, .resumeScheduled), [.flush, .settle]),
        Transition(.closed, .flushDue, to: .closed, []),
    ])
    fileprivate func flushes(transition: Transition) { transition.check() }

    @Test("The backlog is parsed in a later step, unless the client is backpressured", arguments: [
        Transition(open(.receiving), .settle, withBacklog, to: open(.receiving, .open, .resumeScheduled),
            [.scheduleResume, .resumeReading]),
        Transition(open(.receiving, .open, .resumeScheduled), .settle, withBacklog,
            to: open(.receiving, .open, .resumeScheduled), .resumeReading),
        Transition(open(.receiving, .open, .flushScheduled), .settle, withBacklog,
            to: open(.receiving, .open, .flushAndResumeScheduled), [.scheduleResume, .resumeReading]),
        Transition(open(.receiving), .settle, Buffers(backlogBytes: 10, unsentBytes: 1_001), to: open(.receiving),
            .pauseReading),
        Transition(open(.receiving, .open, .resumeScheduled), .resumeDue, withBacklog,
            to: open(.receiving, .open, .parsing), [.parse, .settle]),
        Transition(open(.receiving, .open, .flushAndResumeScheduled), .resumeDue, withBacklog,
            to: open(.receiving, .open, .parsingWithFlushScheduled), [.parse, .settle]),
        Transition(open(.receiving, .open, .resumeScheduled), .resumeDue,
            Buffers(backlogBytes: 10, unsentBytes: 1_001), to: open(.receiving), []),
        Transition(.closed, .resumeDue, to: .closed, []),
    ])
    fileprivate func backlog(transition: Transition) { transition.check() }

    @Test("Reading stops while the backlog is full, the client is backpressured, or its input has ended", arguments: [
        Transition(open(.receiving), .settle, to: open(.receiving), .resumeReading),
        Transition(open(.receiving), .settle, backpressured, to: open(.receiving), .pauseReading),
        Transition(open(.answering), .settle, withBacklog, to: open(.answering), .resumeReading),
        Transition(open(.answering), .settle, backpressured, to: open(.answering), .resumeReading),
        Transition(open(.answering), .settle, fullBacklog, to: open(.answering), .pauseReading),
        Transition(open(.answering, .ended), .settle, to: open(.answering, .ended), .pauseReading),
        Transition(open(lingering), .settle, withUnsent, to: open(lingering), .resumeReading),
        Transition(open(.lingering(discardedBytes: 99)), .settle, to: open(.lingering(discardedBytes: 99)),
            .resumeReading),
        Transition(open(.lingering(discardedBytes: 100)), .settle, to: open(.lingering(discardedBytes: 100)),
            .pauseReading),
    ])
    fileprivate func reading(transition: Transition) { transition.check() }

    @Test("The end of the input closes the connection once everything is answered and sent", arguments: [
        Transition(open(.answering, .open, .parsing), .inputEnded, to: open(.answering, .ended, .parsing), .settle),
        Transition(open(.receiving, .ended), .settle, withBacklog, to: open(.receiving, .ended, .resumeScheduled),
            [.scheduleResume, .pauseReading]),
        Transition(open(.receiving, .ended), .settle, inRequest, to: open(lingering, .ended),
            [.finishWriting, .settle]),
        Transition(open(lingering, .ended), .settle, withUnsent, to: open(lingering, .ended), .pauseReading),
        Transition(open(lingering, .ended), .settle, to: .closed, .close),
        Transition(.closed, .settle, to: .closed, []),
    ])
    fileprivate func endOfInput(transition: Transition) { transition.check() }

    @Test("A tick ends what its limit has passed for, and restarts the timers of a busy connection", arguments: [
        Transition(open(.receiving), .tick([]), to: open(.receiving), []),
        Transition(open(.receiving), .tick([.linger, .request]), to: open(.receiving), []),
        Transition(open(.receiving), .tick(.idle), to: .closed, [.countIdleTimeout, .close]),
        Transition(open(.receiving), .tick([.idle, .drain]), to: .closed, .close),
        Transition(open(.receiving), .tick(.idle), withUnsent, to: open(.receiving), .restartTimers),
        Transition(open(.receiving), .tick([.idle, .linger]), inRequest, to: open(.receiving), []),
        Transition(open(.receiving), .tick([.request, .drain]), inRequest, to: open(.receiving), .rejectLate),
        Transition(open(.receiving), .tick(.request), Buffers(backlogBytes: 1, isBetweenRequests: false),
            to: open(.receiving), .restartTimers),
        Transition(open(.answering), .tick([.idle, .linger, .request, .drain]), to: open(.answering), .restartTimers),
        Transition(open(lingering), .tick(.linger), withUnsent, to: open(lingering), .restartTimers),
        Transition(open(lingering), .tick(.idle), to: open(lingering), []),
        Transition(open(lingering), .tick(.linger), to: .closed, .close),
        Transition(open(.receiving), .tick(.writeStall), withUnsent, to: .closed, [.countWriteStall, .reset]),
        Transition(open(.answering), .tick(.writeStall), withUnsent, to: .closed,
            [.countWriteStall, .reset, .abandonExchange]),
    ])
    fileprivate func ticks(transition: Transition) { transition.check() }

    @Test("A drain closes an idle connection, after its responses are sent", arguments: [
        Transition(open(.receiving), .drainIdle, to: .closed, .close),
        Transition(open(.receiving, .open, .flushScheduled), .drainIdle, withOutput,
            to: open(lingering, .open, .flushScheduled), [.finishWriting, .settle]),
        Transition(open(.receiving), .drainIdle, withBacklog, to: open(.receiving), []),
        Transition(open(.receiving), .drainIdle, inRequest, to: open(.receiving), []),
        Transition(open(.answering), .drainIdle, to: open(.answering), []),
        Transition(open(lingering), .drainIdle, to: open(lingering), []),
    ])
    fileprivate func drain(transition: Transition) { transition.check() }

    @Test("A dropped connection abandons the exchange under way, and closes once", arguments: [
        Transition(open(.receiving, .open, .flushScheduled), .drop(.close), withOutput, to: .closed, .close),
        Transition(open(lingering), .drop(.reset), to: .closed, .reset),
        Transition(open(.answering, .ended, .parsing), .drop(.reset), to: .closed, [.reset, .abandonExchange]),
        Transition(.closed, .drop(.reset), to: .closed, []),
    ])
    fileprivate func drop(transition: Transition) { transition.check() }

    @Test("An event that cannot happen in a state ends the process")
    func impossible() async {
        await #expect(processExitsWith: .failure) {
            var state = ConnectionState.closed
            _ = state.apply(.bytesArrived(1), .init(), HTTPServerLimits())
        }
        await #expect(processExitsWith: .failure) {
            var state = ConnectionState.accepted
            _ = state.apply(.responseFinished(keepsAlive: true), .init(), HTTPServerLimits())
        }
        await #expect(processExitsWith: .failure) {
            var state = ConnectionState.open(.answering, .open, .idle)
            _ = state.apply(.requestBegan, .init(), HTTPServerLimits())
        }
        await #expect(processExitsWith: .failure) {
            var state = ConnectionState.accepted
            _ = state.apply(.flushDue, .init(), HTTPServerLimits())
        }
    }
}

extension Transition {
    fileprivate func check() {
        var state = before
        #expect(state.apply(event, buffers, limits) == actions)
        #expect(state == after)
    }
}
