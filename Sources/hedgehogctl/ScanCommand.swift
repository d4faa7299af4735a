internal import ArgumentParser

struct ScanCommand: CallingCommand {
    static let configuration = CommandConfiguration(
        commandName: "scan",
        abstract: "Print items in key order, one per line: key, tab, item.",
        discussion: """
            Without --all this prints one page, and standard error tells how to get the next. With --json each page \
            is one JSON object. A key with control characters, outer blanks or a leading quote is printed as a JSON \
            string.
            """)

    @Argument var table: String
    @Option(help: "Only keys that begin with this text.") var prefix: String?
    @Option(help: "First key of the range, included.") var start: String?
    @Option(help: "End of the range, not included.") var end: String?
    @Option(help: "Items per page, at most 10000 (the server's default is 1000).") var limit: Int?
    @Option(help: "Continue after an earlier page: the cursor that it ended with.") var after: String?
    @Flag(help: "Descending key order.") var reverse = false
    @Flag(help: "Print keys without items.") var keysOnly = false
    @Flag(help: "Print all pages.") var all = false
    @OptionGroup var server: ServerOptions

    func validate() throws {
        try checkNotEmpty(table, "table's name")
    }

    private var range: ScanRange {
        ScanRange(
            prefix: prefix, start: start, end: end, limit: limit, after: after, reverse: reverse, keysOnly: keysOnly)
    }

    /// Returns the request for the first page of the scan.
    func call() -> Call { .scan(table, range) }

    func run() throws {
        try server.run { session in
            var range = range
            while let next = try ScanPage(session: session).print(table, range).next {
                guard all else {
                    return Output.complain("more items follow: repeat the command with --after \(printable(next))")
                }
                // A scan cursor that does not advance would make this loop endless.
                guard next != range.after else {
                    throw ControlFailure.invalidAnswer("\"next\" of a page is the cursor of the same page")
                }
                range.after = next
            }
        }
    }
}

/// Prints one page of a scan while it arrives.
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
        guard answer.isComplete else { throw ControlFailure.invalidAnswer("it is not a complete page of items") }
        return try ScanEnvelope(decodingJSON: answer.envelope)
    }
}

/// One line of a scan's output: the key, then a tab and the item unless only keys were requested.
struct ScanLine {
    let bytes: [UInt8]

    /// `entry` is `{"key":...,"item":...}`, without an item if only keys were requested.
    init(entry: ArraySlice<UInt8>) throws(ControlFailure) {
        let members = JSONMembers(entry)
        guard let key = members["key"] else { throw .invalidAnswer("an entry has no \"key\"") }
        var line = Array(printableKey(try String(decodingJSON: key)).utf8)
        if let item = members["item"] {
            line.append(UInt8(ascii: "\t"))
            line.append(contentsOf: item)
        }
        line.append(UInt8(ascii: "\n"))
        bytes = line
    }
}
