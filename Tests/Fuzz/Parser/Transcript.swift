import Base
import FuzzHarness
import HTTP

/// The events of a parser for some bytes, independent of where they were cut: pieces of one body are joined.
struct Transcript: Equatable {
    enum Entry: Equatable {
        case head(method: [UInt8], target: [UInt8], fields: [UInt8], keepsAlive: Bool, expectsContinue: Bool)
        case body([UInt8])
        case complete
        case refused(Refusal)
    }

    private(set) var entries: [Entry] = []
    private var input: RequestParser
    private let bodyLimit: Int

    init(bodyLimit: Int) {
        self.bodyLimit = bodyLimit
        input = RequestParser(limits: .standard)
    }

    static func == (one: Transcript, other: Transcript) -> Bool { one.entries == other.entries }

    var isRefused: Bool {
        if case .refused = entries.last { true } else { false }
    }

    /// Feeds one piece of the input to the HTTP parser, until the piece ends or the parser refuses the request.
    mutating func feed(_ piece: Span<UInt8>) {
        var offset = 0
        var idleCalls = 0
        while !isRefused {
            let before = offset
            let event = input.advance(piece, from: &offset)
            require(offset >= before && offset <= piece.count, "the offset moved back or beyond the input")
            idleCalls = offset == before ? idleCalls + 1 : 0
            require(idleCalls < 8, "the parser returns events without end and consumes nothing")
            if event == .needsInput {
                require(offset == piece.count, "the parser needs input before it has consumed all of it")
                return
            }
            record(event, piece)
        }
    }

    private mutating func record(_ event: RequestParser.Event, _ piece: Span<UInt8>) {
        switch event {
        case .needsInput: break
        case .head:
            entries.append(head())
            input.maximumBodyBytes = bodyLimit
        case .body(let range): addBody(piece.extracting(range))
        case .complete: entries.append(.complete)
        case .refused(let refusal): entries.append(.refused(refusal))
        }
    }

    private func head() -> Entry {
        let head = input.head
        let bytes = head.bytes.span
        return .head(
            method: Array(copying: bytes.extracting(head.methodRange)),
            target: Array(copying: bytes.extracting(head.target)), fields: head.bytes, keepsAlive: head.keepsAlive,
            expectsContinue: head.expectsContinue)
    }

    private mutating func addBody(_ bytes: Span<UInt8>) {
        var joined: [UInt8] = []
        if case .body(let earlier) = entries.last {
            joined = earlier
            entries.removeLast()
        }
        joined.append(bytes)
        require(joined.count <= bodyLimit, "a body exceeded its limit")
        entries.append(.body(joined))
    }

    /// Requires that, among the parser's events, heads and ends of requests alternate and a refusal comes last.
    func checkOrder() {
        var isOpen = false
        for (index, entry) in entries.enumerated() {
            switch entry {
            case .head:
                require(!isOpen, "a head inside a request")
                isOpen = true
            case .body: require(isOpen, "a body outside a request")
            case .complete:
                require(isOpen, "the end of a request that had not begun")
                isOpen = false
            case .refused: require(index == entries.count - 1, "an event after a refusal")
            }
        }
    }
}
