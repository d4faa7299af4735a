internal import Base
internal import HTTP
internal import Reactor

/// Assembles the requests of one connection from the parser's events: head, body, size, and the time of the first byte.
struct RequestReader {
    enum Event {
        /// All input was consumed, and the request is not complete.
        case needsInput
        /// All input was consumed, and the client does not send the body until it receives `100 Continue`. Occurs at
        /// most once for each request.
        case awaitsContinue
        case request
        case refused(Refusal)
    }

    private var parser: RequestParser
    private var body: [UInt8] = []
    private var needsContinue = false
    private(set) var requestBytes = 0
    private(set) var startedAtNanoseconds: UInt64 = 0
    private var isInBody = false
    /// The beginning of the time over which the speed of the request is judged, and the bytes received until then.
    private var windowStartNanoseconds: UInt64 = 0
    private var windowStartBytes = 0

    init(limits: HTTPLimits) {
        parser = RequestParser(limits: limits)
    }

    var head: RequestHead { parser.head }
    var isBetweenRequests: Bool { parser.isBetweenRequests }

    /// The bytes of memory that the request's body occupies, as far as it has been received.
    var heldBodyBytes: Int { body.capacity }

    /// Moves the body received so far to the caller.
    mutating func takeBody() -> [UInt8] {
        var taken: [UInt8] = []
        swap(&taken, &body)
        return taken
    }

    /// Begins to measure the time and the size of a new request.
    mutating func begin(nowNanoseconds: UInt64) {
        startedAtNanoseconds = nowNanoseconds
        requestBytes = 0
        needsContinue = false
        isInBody = false
        startWindow(nowNanoseconds: nowNanoseconds, receivedBytes: 0)
    }

    /// Returns why the current request is too slow, or nil. A head must be complete within `requestMilliseconds`; a
    /// body is measured over consecutive windows of that length, in each of which enough bytes must arrive. Must be
    /// called at every tick, since a window ends at the first call after its time.
    mutating func lateness(_ limits: HTTPServerLimits, nowNanoseconds now: UInt64) -> Rejection? {
        let milliseconds = limits.requestMilliseconds
        guard now - windowStartNanoseconds >= milliseconds * 1_000_000 else { return nil }
        guard isInBody else { return .timedOut(limitMilliseconds: milliseconds) }
        let elapsedMilliseconds = Int((now - windowStartNanoseconds) / 1_000_000)
        let floor = limits.minimumBodyBytesPerSecond
        guard (requestBytes - windowStartBytes) * 1_000 >= floor * elapsedMilliseconds else {
            return .bodyTooSlow(minimumBytesPerSecond: floor, windowMilliseconds: milliseconds)
        }
        startWindow(nowNanoseconds: now, receivedBytes: requestBytes)
        return nil
    }

    private mutating func startWindow(nowNanoseconds: UInt64, receivedBytes: Int) {
        windowStartNanoseconds = nowNanoseconds
        windowStartBytes = receivedBytes
    }

    /// Reads `input` from `offset` to the next event. `now` is the time at which `input` arrived; `handler` gives the
    /// limit of the body's size once the head is known.
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
                needsContinue = parser.head.expectsContinue && parser.head.framing != .none
                isInBody = true
                startWindow(nowNanoseconds: now, receivedBytes: requestBytes + offset - start)
            case .body(let range): keepBody(input.extracting(range))
            case .complete: return .request
            case .refused(let refusal): return .refused(refusal)
            }
        }
    }

    /// Returns the event that says that all received bytes are consumed. The parser asks for bytes of the body only
    /// once it has accepted the head, so `100 Continue`, requested by `awaitsContinue`, is sent here at the earliest.
    private mutating func needsInput() -> Event {
        guard needsContinue else { return .needsInput }
        needsContinue = false
        return .awaitsContinue
    }

    /// Adds received bytes to the body. Capacity is reserved for bytes that have arrived, doubling up to the announced
    /// length. The announced length alone reserves nothing, since a client can announce any length.
    private mutating func keepBody(_ bytes: Span<UInt8>) {
        needsContinue = false
        let needed = body.count + bytes.count
        if case .length(let length) = parser.head.framing, needed > body.capacity {
            body.reserveCapacity(min(length, max(needed, 2 * body.capacity)))
        }
        body.append(bytes)
    }
}
