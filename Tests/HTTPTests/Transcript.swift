import HTTP

/// What a parser says of some bytes, one line an event: `GET /a keep-alive` or `GET /a close` for a head, `body: ...`
/// for the whole of a body that has bytes, `complete`, `refused 400 malformedField`; at the end `unfinished` when the
/// bytes stop within a request.
func transcript(
    of bytes: [UInt8], cutAt cuts: [Int] = [], limits: HTTPLimits = .standard, maximumBodyBytes: Int? = nil
) -> [String] {
    var listener = Listener(limits: limits, maximumBodyBytes: maximumBodyBytes)
    var start = 0
    for end in cuts + [bytes.count] {
        listener.hear(Array(bytes[start..<end]))
        start = end
    }
    return listener.finish()
}

private struct Listener {
    private var parser: RequestParser
    private let maximumBodyBytes: Int?
    private var lines: [String] = []
    private var body: [UInt8] = []
    private var isRefused = false

    init(limits: HTTPLimits, maximumBodyBytes: Int?) {
        parser = RequestParser(limits: limits)
        self.maximumBodyBytes = maximumBodyBytes
    }

    mutating func hear(_ piece: [UInt8]) {
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
                precondition(!range.isEmpty && range.upperBound == offset, "a body event consumes its bytes")
                body += piece[range]
            case .complete:
                flushBody()
                lines.append("complete")
            case .refused(let refusal):
                flushBody()
                lines.append("refused \(refusal.status.code) \(refusal)")
                isRefused = true
            }
        }
        expectRefusalForEver(piece, offset)
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

    private mutating func expectRefusalForEver(_ piece: [UInt8], _ offset: Int) {
        var offset = offset
        guard case .refused = parser.advance(piece.span, from: &offset) else {
            fatalError("something was said after a refusal")
        }
        precondition(!parser.head.keepsAlive, "a refused connection closes")
    }

    private var headLine: String {
        let head = parser.head
        let line = "\(text(head.bytes[head.methodRange])) \(text(head.bytes[head.target]))"
        return line + (head.keepsAlive ? " keep-alive" : " close") + (head.expectsContinue ? " expects 100" : "")
    }
}
