internal import Base
internal import HTTP
internal import Reactor

/// Puts the requests of one connection together from the parser's events: body, size, and when it all began.
struct RequestReader {
    enum Event {
        /// All input was consumed.
        case needsInput
        /// All input was consumed, and the client holds the body back until it is told to go on. Said once a request.
        case awaitsContinue
        case request
        case refused(Refusal)
    }

    private var parser: RequestParser
    private var body: [UInt8] = []
    private var owesContinue = false
    private(set) var requestBytes = 0
    private(set) var startedAtNanoseconds: UInt64 = 0

    init(limits: HTTPLimits) {
        parser = RequestParser(limits: limits)
    }

    var head: RequestHead { parser.head }
    var isBetweenRequests: Bool { parser.isBetweenRequests }

    /// What the body so far takes in memory.
    var heldBodyBytes: Int { body.capacity }

    /// The body so far; it is the caller's then.
    mutating func takeBody() -> [UInt8] {
        var taken: [UInt8] = []
        swap(&taken, &body)
        return taken
    }

    mutating func begin(nowNanoseconds: UInt64) {
        startedAtNanoseconds = nowNanoseconds
        requestBytes = 0
        owesContinue = false
    }

    /// Reads on until something must be done. `now` is when `input` came; `handler` says how large a body may be.
    mutating func advance(
        _ input: Span<UInt8>, from offset: inout Int, nowNanoseconds now: UInt64, handler: any RequestHandler
    ) -> Event {
        if parser.isBetweenRequests, offset < input.count { begin(nowNanoseconds: now) }
        let start = offset
        defer { requestBytes += offset - start }
        while true {
            switch parser.advance(input, from: &offset) {
            case .needsInput: return needsInput()
            case .head:
                parser.maximumBodyBytes = handler.maximumBodyBytes(for: parser.head)
                owesContinue = parser.head.expectsContinue && parser.head.framing != .none
            case .body(let range): keepBody(input.extracting(range))
            case .complete: return .request
            case .refused(let refusal): return .refused(refusal)
            }
        }
    }

    /// A parser that asks for a body has found it acceptable.
    private mutating func needsInput() -> Event {
        guard owesContinue else { return .needsInput }
        owesContinue = false
        return .awaitsContinue
    }

    /// Room is made for what has come, doubling up to the announced length: a promise alone reserves nothing.
    private mutating func keepBody(_ bytes: Span<UInt8>) {
        owesContinue = false
        let needed = body.count + bytes.count
        if case .length(let length) = parser.head.framing, needed > body.capacity {
            body.reserveCapacity(min(length, max(needed, 2 * body.capacity)))
        }
        body.append(bytes)
    }
}
