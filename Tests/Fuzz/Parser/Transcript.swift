import Base
import FuzzHarness
import HTTP

/// What a parser said of some bytes, without where they were cut: pieces of one body are joined.
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

    /// Feeds one piece, to its end or to a refusal.
    mutating func feed(_ piece: Span<UInt8>) {
        var offset = 0
        var idleCalls = 0
        while !isRefused {
            let before = offset
            let event = input.advance(piece, from: &offset)
            require(offset >= before && offset <= piece.count, "the offset only moves on, within the input")
            idleCalls = offset == before ? idleCalls + 1 : 0
            require(idleCalls < 8, "the parser says things without end about no bytes")
            if event == .needsInput {
                require(offset == piece.count, "more input is asked for while there is some")
                return
            }
            note(event, piece)
        }
    }

    private mutating func note(_ event: RequestParser.Event, _ piece: Span<UInt8>) {
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
        require(joined.count <= bodyLimit, "more of a body came than its limit allows")
        entries.append(.body(joined))
    }

    /// The order of events, and never more answers than requests.
    func checkOrder() {
        var isOpen = false
        for (index, entry) in entries.enumerated() {
            switch entry {
            case .head:
                require(!isOpen, "a head came inside a request")
                isOpen = true
            case .body: require(isOpen, "a body came outside a request")
            case .complete:
                require(isOpen, "a request ended that had not begun")
                isOpen = false
            case .refused: require(index == entries.count - 1, "something was said after a refusal")
            }
        }
    }
}
