internal import ArgumentParser

struct Scan: CallingCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print items in the order of their keys: key, tab, item.",
        discussion: """
            Without --all this prints one page, and says on standard error how to get the next. With --json each page \
            is one JSON object. A key that could be mistaken for something else is printed as a JSON string.
            """)

    @Argument var table: String
    @Option(help: "Only keys that begin with this.") var prefix: String?
    @Option(help: "Only this key and those after it.") var start: String?
    @Option(help: "Only keys before this one.") var end: String?
    @Option(help: "Items a page, at most 10000; the server's default is 1000.") var limit: Int?
    @Option(help: "Go on from where an earlier page ended.") var after: String?
    @Flag(help: "Last key first.") var reverse = false
    @Flag(help: "Print keys alone.") var keysOnly = false
    @Flag(help: "Print page after page until the end.") var all = false
    @OptionGroup var server: ServerOptions

    func validate() throws {
        try checkNotEmpty(table, "table's name")
    }

    private var range: ScanRange {
        ScanRange(
            prefix: prefix, start: start, end: end, limit: limit, after: after, reverse: reverse, keysOnly: keysOnly)
    }

    /// Its first page.
    func call() -> Call { .scan(table, range) }

    func run() throws {
        try server.run { session in
            var range = range
            while let next = try ScanPage(session: session).print(table, range).next {
                guard all else { return Output.complain("there is more: repeat this with --after \(printable(next))") }
                // A cursor that stands still would keep us here for ever.
                guard next != range.after else { throw ControlFailure.strangeAnswer("a page led to itself") }
                range.after = next
            }
        }
    }
}

/// One page of a scan, printed while it comes.
private final class ScanPage {
    private let session: Session
    private var answer = ScanAnswer()

    init(session: Session) {
        self.session = session
    }

    func print(_ table: String, _ range: ScanRange) throws -> ScanEnvelope {
        try session.stream(.scan(table, range)) { [self] bytes in
            if session.showsJSON { try session.output.write(bytes) }
            try answer.take(bytes) { entry in
                if !session.showsJSON { try session.output.write(ScanLine(entry: entry).bytes) }
            }
        }
        guard answer.isComplete else { throw ControlFailure.strangeAnswer("it is no page of items") }
        return try ScanEnvelope(decodingJSON: answer.envelope)
    }
}

/// One line of a scan's output.
struct ScanLine {
    let bytes: [UInt8]

    /// `entry` is `{"key":...,"item":...}`, without an item when only keys were asked for.
    init(entry: ArraySlice<UInt8>) throws(ControlFailure) {
        let members = JSONMembers(entry)
        guard let key = members["key"] else { throw .strangeAnswer("an entry has no key") }
        var line = Array(printableKey(try String(decodingJSON: key)).utf8)
        if let item = members["item"] {
            line.append(UInt8(ascii: "\t"))
            line.append(contentsOf: item)
        }
        line.append(UInt8(ascii: "\n"))
        bytes = line
    }
}
