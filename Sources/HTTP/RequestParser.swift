/// Reads the requests of one connection from bytes as they come. It owns no socket and no clock, keeps no input, and
/// says the same of the same bytes however they are cut.
///
/// Call `advance` again and again. Each request gives `head`, then `body` any number of times, then `complete`; a
/// `refused` may stand in the place of any of them, and from then on nothing else is said. Not before the next call
/// after `head` is the length of the body judged, so a caller can first set `maximumBodyBytes` by the route; a
/// `needsInput` from that call means the body is wanted, and is the moment to answer `head.expectsContinue`.
package struct RequestParser: Sendable {
    package enum Event: Equatable, Sendable {
        /// All input was consumed.
        case needsInput
        case head
        /// Bytes of the body, where they stand in the input, their chunks taken off.
        case body(Range<Int>)
        case complete
        case refused(Refusal)
    }

    /// The present request from its `head` event on; after `complete`, until the next call of `advance`. After a
    /// refusal, what was understood.
    package private(set) var head = RequestHead()

    /// Set it after `head`; each request begins again with that of the limits.
    package var maximumBodyBytes: Int

    private enum State {
        case requestLine, fields, beforeBody
        case body(remaining: Int)
        case chunkSize
        case chunk(remaining: Int)
        case chunkEnd(sawCarriageReturn: Bool)
        case trailers
        case complete
        case refused(Refusal)
    }

    private let limits: HTTPLimits
    private var state = State.requestLine
    private var emptyLines = 0
    private var lines = LineScan()
    private var chunks = ChunkTally()

    package init(limits: HTTPLimits = .standard) {
        limits.checkSense()
        self.limits = limits
        maximumBodyBytes = limits.maximumBodyBytes
    }

    /// Whether nothing of a next request has been seen: a connection may close here without loss.
    package var isBetweenRequests: Bool {
        switch state {
        case .complete: true
        case .requestLine: head.bytes.isEmpty
        default: false
        }
    }

    /// Reads `input` from `offset` to the next event, and moves `offset` past what it consumed.
    package mutating func advance(_ input: Span<UInt8>, from offset: inout Int) -> Event {
        precondition(offset >= 0 && offset <= input.count, "the offset must lie within the input")
        do throws(Refusal) {
            while true {
                if let event = try step(input, &offset) { return event }
            }
        } catch {
            refuse(error)
            return .refused(error)
        }
    }

    private mutating func step(_ input: Span<UInt8>, _ offset: inout Int) throws(Refusal) -> Event? {
        switch state {
        case .requestLine: return try readRequestLine(input, &offset)
        case .fields: return try readFields(input, &offset)
        case .beforeBody: return try beginBody()
        case .body(let remaining): return readBody(input, &offset, remaining: remaining)
        case .chunkSize: return try readChunkSize(input, &offset)
        case .chunk(let remaining): return readChunk(input, &offset, remaining: remaining)
        case .chunkEnd(let sawCarriageReturn):
            return try readChunkEnd(input, &offset, sawCarriageReturn: sawCarriageReturn)
        case .trailers: return try readTrailer(input, &offset)
        case .complete:
            begin()
            return nil
        case .refused(let refusal): return .refused(refusal)
        }
    }

    private mutating func refuse(_ refusal: Refusal) {
        state = .refused(refusal)
        head.cut(at: lines.start)
        head.keepsAlive = false
    }

    private mutating func begin() {
        head.reset()
        emptyLines = 0
        lines.reset()
        maximumBodyBytes = limits.maximumBodyBytes
        state = .requestLine
    }
}

// The head.
extension RequestParser {
    private mutating func readRequestLine(_ input: Span<UInt8>, _ offset: inout Int) throws(Refusal) -> Event? {
        let limit = limits.maximumRequestLineBytes
        if head.bytes.isEmpty, offset < input.count { try checkFirst(input[offset]) }
        let line = try nextLine(limit: limit, tooLong: .targetTooLong(limitBytes: limits.maximumTargetBytes))
        guard let line else { return collect(input, &offset, limit: limit) }
        if line.isEmpty {
            try forgiveEmptyLine(&offset)
        } else {
            head.note(try RequestLine(parsing: head.bytes.span, in: line, limits: limits))
            state = .fields
        }
        return nil
    }

    private mutating func nextLine(limit: Int, tooLong: Refusal) throws(Refusal) -> Range<Int>? {
        // On a copy: while a span of one of our properties is open, none of the others may change.
        var scan = lines
        let line = try scan.next(in: head.bytes.span, limit: limit, tooLong: tooLong)
        lines = scan
        return line
    }

    /// Nil when there is more to read.
    private mutating func collect(_ input: Span<UInt8>, _ offset: inout Int, limit: Int) -> Event? {
        head.bytes.collect(from: input, at: &offset, limit: limit) ? nil : .needsInput
    }

    /// At once, so that a peer that speaks TLS to us need not wait for a time-out.
    private func checkFirst(_ byte: UInt8) throws(Refusal) {
        if byte == .lineFeed { throw .bareLineFeed }
        guard byte == .carriageReturn || ByteClass.token.contains(byte) else { throw .notARequest(firstByte: byte) }
    }

    private mutating func forgiveEmptyLine(_ offset: inout Int) throws(Refusal) {
        emptyLines += 1
        guard emptyLines <= limits.maximumEmptyLines else { throw .tooManyEmptyLines(limit: limits.maximumEmptyLines) }
        head.bytes.giveBack(from: lines.start, to: &offset)
        head.bytes.removeAll(keepingCapacity: true)
        lines.reset()
    }

    private mutating func readFields(_ input: Span<UInt8>, _ offset: inout Int) throws(Refusal) -> Event? {
        let limit = limits.maximumHeadBytes
        while let line = try nextLine(limit: limit, tooLong: .headTooLarge(limitBytes: limit)) {
            guard !line.isEmpty else {
                head.bytes.giveBack(from: lines.start, to: &offset)
                head.note(try head.verdict())
                state = .beforeBody
                return .head
            }
            guard head.fieldCount < limits.maximumFields else { throw .tooManyFields(limit: limits.maximumFields) }
            head.note(try FieldLine(parsing: head.bytes.span, in: line))
        }
        return collect(input, &offset, limit: limit)
    }
}

// The body.
extension RequestParser {
    private mutating func beginBody() throws(Refusal) -> Event? {
        switch head.framing {
        case .none:
            return complete()
        case .length(let length):
            guard length <= maximumBodyBytes else { throw .bodyTooLarge(limitBytes: maximumBodyBytes) }
            state = .body(remaining: length)
        case .chunked:
            chunks.reset()
            state = .chunkSize
        }
        return nil
    }

    private mutating func readBody(_ input: Span<UInt8>, _ offset: inout Int, remaining: Int) -> Event? {
        guard remaining > 0 else { return complete() }
        guard let taken = take(remaining, of: input, &offset) else { return .needsInput }
        state = .body(remaining: remaining - taken.count)
        return .body(taken)
    }

    private mutating func readChunkSize(_ input: Span<UInt8>, _ offset: inout Int) throws(Refusal) -> Event? {
        let limit = limits.maximumChunkLineBytes
        let line = try chunks.nextLine(input, &offset, limit: limit, tooLong: .chunkLineTooLong(limitBytes: limit))
        guard let line else { return .needsInput }
        let size = try ChunkSize(parsing: chunks.line.span.extracting(line))
        let bytes = try chunks.add(size, maximumBodyBytes: maximumBodyBytes, limits: limits)
        state = bytes == 0 ? .trailers : .chunk(remaining: bytes)
        return nil
    }

    private mutating func readChunk(_ input: Span<UInt8>, _ offset: inout Int, remaining: Int) -> Event? {
        guard let taken = take(remaining, of: input, &offset) else { return .needsInput }
        let rest = remaining - taken.count
        state = rest > 0 ? .chunk(remaining: rest) : .chunkEnd(sawCarriageReturn: false)
        return .body(taken)
    }

    private mutating func readChunkEnd(
        _ input: Span<UInt8>, _ offset: inout Int, sawCarriageReturn: Bool
    ) throws(Refusal) -> Event? {
        guard offset < input.count else { return .needsInput }
        guard input[offset] == (sawCarriageReturn ? .lineFeed : .carriageReturn) else { throw .malformedChunkEnd }
        offset += 1
        state = sawCarriageReturn ? .chunkSize : .chunkEnd(sawCarriageReturn: true)
        return nil
    }

    /// Trailers are held to the rules of fields and then dropped: nothing we read may come after the body.
    private mutating func readTrailer(_ input: Span<UInt8>, _ offset: inout Int) throws(Refusal) -> Event? {
        let line = try chunks.nextLine(
            input, &offset, limit: limits.maximumHeadBytes - chunks.trailerBytes,
            tooLong: .headTooLarge(limitBytes: limits.maximumHeadBytes))
        guard let line else { return .needsInput }
        guard !line.isEmpty else { return complete() }
        _ = try FieldLine(parsing: chunks.line.span, in: line)
        try chunks.addTrailer(limits: limits)
        return nil
    }

    private mutating func complete() -> Event {
        state = .complete
        return .complete
    }

    /// Up to `wanted` of the bytes at hand, or nil when there are none.
    private func take(_ wanted: Int, of input: Span<UInt8>, _ offset: inout Int) -> Range<Int>? {
        guard offset < input.count else { return nil }
        let start = offset
        offset += min(wanted, input.count - start)
        return start..<offset
    }
}
