import ArgumentParser
import HistoryChecker

@main
struct CheckHistoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check-history",
        abstract: "Checks the consistency guarantees over the recorded requests of a cluster's clients.",
        discussion: """
            FILE contains one JSON object per line, one for each request, in any order:

              {"key":"k7","client":3,"op":"put","consistency":"strong","value":"v123",
               "start_us":1000,"end_us":2500,"status":200,"outcome":null}

            key          the key of the item. Each key is checked separately. Scans cannot be recorded.
            client       the number of the client, an integer. It is only printed.
            op           put, get or delete.
            consistency  strong or eventual.
            value        for a put the value written, which must be unique for the key; for a get that found an item
                         the value found; otherwise null.
            start_us     the time at which the request was sent, in microseconds of one monotonic clock for all clients.
            end_us       the time at which the answer arrived, by the same clock; null if there was no answer.
            status       the HTTP status; 0 or null if there was no answer.
            outcome      not_applied or unknown, for a put or delete that failed. A client may record not_applied itself
                         when it knows that nothing was sent. null counts as unknown.

            A status from 200 to 299 counts as done. 404 counts as "no item" for get and delete. A request with another
            status from 400 to 499 had no effect. A put or delete with any other result may take effect once at any
            later time, unless its outcome is not_applied.

            The strong operations of each key must be linearizable. A write that was eventual, or whose outcome is
            unknown, may take effect at any time after it was sent, or never. An eventual read must return a value that
            was written. To detect lost writes, end the history with a strong get of every key.

            Exit status: 0 no violation, 1 violation found, 2 FILE cannot be read or is malformed.
            """)

    @Argument(help: "File with the recorded requests, one JSON object per line; - reads standard input.")
    var file: String

    @Option(help: "Maximum number of violations to print.")
    var show = 3

    func run() throws {
        let history: RecordedHistory
        do {
            history = try RecordedHistory(reading: file == "-" ? nil : file)
        } catch {
            print("check-history: \(error)")
            throw ExitCode(2)
        }
        let violations = history.keys.compactMap { $0.violation() }
        for violation in violations.prefix(show) { print(violation) }
        print(history.summary(violations: violations.count))
        if !violations.isEmpty { throw ExitCode(1) }
    }
}
