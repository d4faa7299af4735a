import ArgumentParser
import HistoryChecker

@main
struct CheckHistory: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check-history",
        abstract: "Judges what the clients of a real cluster saw.",
        discussion: """
            FILE holds one JSON object a line, one for each request, in any order:

              {"key":"k7","client":3,"op":"put","consistency":"strong","value":"v123",
               "start_us":1000,"end_us":2500,"status":200,"outcome":null}

            key          names the item; requests with different keys are judged apart. A scan is not a request here.
            client       an integer, only printed.
            op           put, get or delete.
            consistency  strong or eventual.
            value        of a put: what was written, never twice to one key; of a get that found an item: what was
                         found; else null.
            start_us     when the request was sent, and end_us when its answer was there, by one monotonic clock
            end_us       for all clients, in microseconds; end_us null: no answer came.
            status       the HTTP status; 0 or null: no answer came.
            outcome      of a refused put or delete: not_applied or unknown. The client may say not_applied itself when
                         it knows that nothing was sent. null counts as unknown.

            200 to 299 counts as done. 404 is "no item", to get and delete alike. 400 to 499 else had no effect.
            Anything else of a put or delete, if it does not say not_applied, may take effect at any later time, once.

            Every key's strong operations must be linearizable among themselves; a write that was eventual or unknown
            may take effect at any time after it was sent, or never. An eventual read must return a value that was
            written. To see that nothing acknowledged was lost, let the history end with a strong get of every key.

            Exit status: 0 every promise was kept, 1 one was broken, 2 FILE cannot be read.
            """)

    @Argument(help: "The history, JSON lines; - reads standard input.")
    var file: String

    @Option(help: "Print at most so many violations.")
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
