/// An incremental parser for the requests of one connection. It uses no socket and no clock, keeps no input, and
/// returns the same events for the same bytes however they are split into reads.
///
/// Call `advance` repeatedly. Each request gives `head`, then `body` any number of times, then `complete`. `refused`
/// may come in place of any of them; after that every call returns the same refusal. The length of the body is checked
/// in the first call after `head`, so a caller can set `maximumBodyBytes` for the route before it. If that call returns
/// `needsInput`, the body is acceptable, and this is the moment to answer `head.expectsContinue`.
package struct RequestParser: Sendable {
    package enum Event: Equatable, Sendable {
        /// The parser has consumed all input and needs more.
        case needsInput
        case head
        /// The range in the input of some bytes of the body, without chunk framing.
        case body(Range<Int>)
        case complete
        case refused(Refusal)
    }

    /// The head of the current request: valid from the `head` event to the first `advance` after `complete`. After a
    /// refusal it holds what was parsed.
    package private(set) var head = RequestHead()

    /// The most bytes that the current request's body may have. May be set after the event `head`; each request begins
    /// with `HTTPLimits.maximumBodyBytes`.
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
    private var chunks = ChunkFraming()

    package init(limits: HTTPLimits = .standard) {
        limits.validate()
        self.limits = limits
        maximumBodyBytes = limits.maximumBodyBytes
    }

    /// Whether the parser has read no byte of the next request, so that the connection may close without losing a
    /// request.
    package var isBetweenRequests: Bool {
        switch state {
        case .complete: true
        case .requestLine: head.bytes.isEmpty
        default: false
        }
    }

    /// Parses `input` from `offset` to the next event and moves `offset` past the consumed bytes.
    package mutating func advance(_ input: Span<UInt8>, from offset: inout Int) -> Event {
        precondition(offset >= 0 && offset <= input.count, "the offset lies outside the input")
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
        if case .requestLine = state { head.recordMethodOfPartialLine() }
        state = .refused(refusal)
        head.cut(at: max(lines.start, head.methodRange.upperBound))
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

// MARK: Head

extension RequestParser {
    private mutating func readRequestLine(_ input: Span<UInt8>, _ offset: inout Int) throws(Refusal) -> Event? {
        let limit = limits.maximumRequestLineBytes
        if head.bytes.isEmpty, offset < input.count { try checkFirst(input[offset]) }
        let line = try nextLine(
            limit: limit, tooLong: .requestLine(.targetTooLong(limitBytes: limits.maximumTargetBytes)))
        guard let line else {
            let event = collect(input, &offset, limit: limit)
            if event == .needsInput { head.recordMethodOfPartialLine() }
            return event
        }
        if line.isEmpty {
            try skipEmptyLine(&offset)
        } else {
            head.record(try RequestLine(parsing: head.bytes.span, in: line, limits: limits))
            state = .fields
        }
        return nil
    }

    private mutating func nextLine(limit: Int, tooLong: Refusal) throws(Refusal) -> Range<Int>? {
        // The search for the end of the line works on a copy of `lines`, because Swift forbids changing one property of
        // a struct while a span of another is in use.
        var scan = lines
        let line = try scan.next(in: head.bytes.span, limit: limit, tooLong: tooLong)
        lines = scan
        return line
    }

    /// Copies the next portion of the input to the end of the head. Returns nil if parsing can go on, or `needsInput`
    /// if no input is left.
    private mutating func collect(_ input: Span<UInt8>, _ offset: inout Int, limit: Int) -> Event? {
        head.bytes.collect(from: input, at: &offset, limit: limit) ? nil : .needsInput
    }

    /// Checks the first byte of a request before the line is complete, so that a client that speaks TLS gets a response
    /// and does not wait for a timeout.
    private func checkFirst(_ byte: UInt8) throws(Refusal) {
        if byte == .lineFeed { throw .line(.bareLineFeed) }
        guard byte == .carriageReturn || ByteClass.token.contains(byte) else {
            throw .requestLine(.notARequest(firstByte: byte))
        }
    }

    private mutating func skipEmptyLine(_ offset: inout Int) throws(Refusal) {
        emptyLines += 1
        guard emptyLines <= limits.maximumEmptyLines else {
            throw .requestLine(.tooManyEmptyLines(limit: limits.maximumEmptyLines))
        }
        head.bytes.giveBack(from: lines.start, to: &offset)
        head.bytes.removeAll(keepingCapacity: true)
        lines.reset()
    }

    private mutating func readFields(_ input: Span<UInt8>, _ offset: inout Int) throws(Refusal) -> Event? {
        let limit = limits.maximumHeadBytes
        while let line = try nextLine(limit: limit, tooLong: .field(.headTooLarge(limitBytes: limit))) {
            guard !line.isEmpty else {
                head.bytes.giveBack(from: lines.start, to: &offset)
                head.record(try head.semantics())
                state = .beforeBody
                return .head
            }
            guard head.fieldCount < limits.maximumFields else {
                throw .field(.tooManyFields(limit: limits.maximumFields))
            }
            head.record(try FieldLine(parsing: head.bytes.span, in: line))
        }
        return collect(input, &offset, limit: limit)
    }
}

// MARK: Body

extension RequestParser {
    private mutating func beginBody() throws(Refusal) -> Event? {
        switch head.framing {
        case .none:
            return complete()
        case .length(let length):
            guard length <= maximumBodyBytes else { throw .framing(.bodyTooLarge(limitBytes: maximumBodyBytes)) }
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
        let line = try chunks.nextLine(
            input, &offset, limit: limit, tooLong: .chunk(.chunkLineTooLong(limitBytes: limit)))
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
        guard input[offset] == (sawCarriageReturn ? .lineFeed : .carriageReturn) else {
            throw .chunk(.malformedChunkEnd)
        }
        offset += 1
        state = sawCarriageReturn ? .chunkSize : .chunkEnd(sawCarriageReturn: true)
        return nil
    }

    /// Checks a trailer field like any other field and discards it: the server reads no field after the body.
    private mutating func readTrailer(_ input: Span<UInt8>, _ offset: inout Int) throws(Refusal) -> Event? {
        let line = try chunks.nextLine(
            input, &offset, limit: limits.maximumHeadBytes - chunks.trailerBytes,
            tooLong: .field(.headTooLarge(limitBytes: limits.maximumHeadBytes)))
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

    /// Consumes up to `wanted` bytes of the input and returns their range, or nil when none is left.
    private func take(_ wanted: Int, of input: Span<UInt8>, _ offset: inout Int) -> Range<Int>? {
        guard offset < input.count else { return nil }
        let start = offset
        offset += min(wanted, input.count - start)
        return start..<offset
    }
}
