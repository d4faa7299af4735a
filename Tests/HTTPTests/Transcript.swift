import HTTP

/// The events of a parser for some bytes, one line each: `GET /a keep-alive` or `GET /a close` for a head, `body: ...`
/// for all of a non-empty body, `complete`, `refused 400 malformedField`; at the end `unfinished` if the bytes stop
/// within a request.
func transcript(
    of bytes: [UInt8], cutAt cuts: [Int] = [], limits: HTTPLimits = .standard, maximumBodyBytes: Int? = nil
) -> [String] {
    var recorder = Recorder(limits: limits, maximumBodyBytes: maximumBodyBytes)
    var start = 0
    for end in cuts + [bytes.count] {
        recorder.feed(Array(bytes[start..<end]))
        start = end
    }
    return recorder.finish()
}

private struct Recorder {
    private var parser: RequestParser
    private let maximumBodyBytes: Int?
    private var lines: [String] = []
    private var body: [UInt8] = []
    private var isRefused = false

    init(limits: HTTPLimits, maximumBodyBytes: Int?) {
        parser = RequestParser(limits: limits)
        self.maximumBodyBytes = maximumBodyBytes
    }

    mutating func feed(_ piece: [UInt8]) {
        var offset = 0
        while !isRefused {
            switch parser.advance(piece.span, from: &offset) {
            case .needsInput:
                precondition(offset == piece.count, "input was left over")
                return
            case .head:
                if let maximumBodyBytes { parser.maximumBodyBytes = maximumBodyBytes }
                lines.append(headLine)
            case .body(let range):
                precondition(!range.isEmpty && range.upperBound == offset, "a body event must consume its bytes")
                body += piece[range]
            case .complete:
                flushBody()
                lines.append("complete")
            case .refused(let refusal):
                flushBody()
                lines.append("refused \(refusal.status.code) \(refusal.faultText)")
                isRefused = true
            }
        }
        expectSameRefusal(piece, offset)
    }

    mutating func finish() -> [String] {
        flushBody()
        if !isRefused, !parser.isBetweenRequests { lines.append("unfinished") }
        return lines
    }

    private mutating func flushBody() {
        if !body.isEmpty { lines.append("body: \(text(body))") }
        body = []
    }

    private mutating func expectSameRefusal(_ piece: [UInt8], _ offset: Int) {
        var offset = offset
        guard case .refused = parser.advance(piece.span, from: &offset) else {
            fatalError("another event followed a refusal")
        }
        precondition(!parser.head.keepsAlive, "a refused request must not keep its connection alive")
    }

    private var headLine: String {
        let head = parser.head
        let line = "\(text(head.bytes[head.methodRange])) \(text(head.bytes[head.target]))"
        return line + (head.keepsAlive ? " keep-alive" : " close") + (head.expectsContinue ? " expects 100" : "")
    }
}

extension Refusal {
    /// The name of the fault that a refusal reports, without the fault's group, such as `controlByte(13)`.
    var faultText: String {
        switch self {
        case .requestLine(let fault): "\(fault)"
        case .line(let fault): "\(fault)"
        case .field(let fault): "\(fault)"
        case .framing(let fault): "\(fault)"
        case .chunk(let fault): "\(fault)"
        }
    }
}
