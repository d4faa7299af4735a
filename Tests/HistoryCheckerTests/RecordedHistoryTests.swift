import Foundation
import HistoryChecker
import Testing

@testable import check_history

@Suite struct RecordedHistoryTests {
    private func line(
        _ op: String, value: String? = nil, start: Int, end: Int?, status: Int?, outcome: String? = nil,
        consistency: String = "strong"
    ) -> String {
        func text(_ value: String?) -> String { value.map { "\"\($0)\"" } ?? "null" }
        func number(_ value: Int?) -> String { value.map { "\($0)" } ?? "null" }
        return """
            {"key":"k","client":1,"op":"\(op)","consistency":"\(consistency)","value":\(text(value)),\
            "start_us":\(start),"end_us":\(number(end)),"status":\(number(status)),"outcome":\(text(outcome))}
            """
    }

    private func read(_ lines: String...) throws -> RecordedHistory {
        try RecordedHistory(lines: Data(lines.joined(separator: "\n").utf8))
    }

    @Test("A recorded history that keeps the promises passes, whatever became of its requests")
    func passes() throws {
        let history = try read(
            line("put", value: "a", start: 0, end: 1, status: 200),
            line("put", value: "b", start: 2, end: 3, status: 503, outcome: "not_applied"),
            line("put", value: "c", start: 2, end: nil, status: nil),
            line("get", value: "a", start: 4, end: 5, status: 200),
            "",
            line("delete", start: 6, end: 7, status: 200),
            line("delete", start: 8, end: 9, status: 404),
            line("get", start: 8, end: 9, status: 404),
            line("get", value: "c", start: 10, end: 11, status: 200),
            line("get", start: 12, end: 13, status: 503))
        #expect(history.keys.map(\.operations.count) == [9])
        #expect(history.keys.compactMap { $0.violation() } == [])
    }

    @Test("A 404 after an acknowledged put is a lost write, to GET and to DELETE", arguments: ["get", "delete"])
    func lost(op: String) throws {
        let history = try read(
            line("put", value: "a", start: 0, end: 1, status: 200), line(op, start: 4, end: 5, status: 404))
        #expect(history.keys.compactMap { $0.violation()?.kind } == [.notLinearizable])
    }

    @Test("What was refused as not applied may not be seen; what has no known outcome may")
    func refused() throws {
        let get = line("get", value: "a", start: 4, end: 5, status: 200)
        let refused = try read(line("put", value: "a", start: 0, end: 1, status: 503, outcome: "not_applied"), get)
        #expect(refused.keys.compactMap { $0.violation()?.kind } == [.refusedWriteSeen])
        let unknown = try read(line("put", value: "a", start: 0, end: 1, status: 503, outcome: "unknown"), get)
        #expect(unknown.keys.compactMap { $0.violation() } == [])
    }

    @Test("A line that says too little is refused with its number")
    func malformed() {
        #expect(throws: RecordedHistory.Failure.self) {
            try read(line("get", start: 0, end: 1, status: 200))
        }
        #expect(throws: RecordedHistory.Failure.self) { try read("{") }
    }
}
