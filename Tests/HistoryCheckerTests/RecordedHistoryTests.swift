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

    @Test("A recorded history without a violation passes, with requests of every outcome")
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

    @Test("A 404 of a get or a delete after an acknowledged put is a lost write", arguments: ["get", "delete"])
    func lost(op: String) throws {
        let history = try read(
            line("put", value: "a", start: 0, end: 1, status: 200), line(op, start: 4, end: 5, status: 404))
        #expect(history.keys.compactMap { $0.violation()?.kind } == [.notLinearizable])
    }

    @Test("The value of a put that was not applied may not be read; that of a put with an unknown outcome may")
    func rejected() throws {
        let get = line("get", value: "a", start: 4, end: 5, status: 200)
        let rejected = try read(line("put", value: "a", start: 0, end: 1, status: 503, outcome: "not_applied"), get)
        #expect(rejected.keys.compactMap { $0.violation()?.kind } == [.rejectedWriteRead])
        let unknown = try read(line("put", value: "a", start: 0, end: 1, status: 503, outcome: "unknown"), get)
        #expect(unknown.keys.compactMap { $0.violation() } == [])
    }

    @Test("A malformed line is rejected")
    func malformed() {
        #expect(throws: RecordedHistory.Failure.self) {
            try read(line("get", start: 0, end: 1, status: 200))
        }
        #expect(throws: RecordedHistory.Failure.self) { try read("{") }
    }
}
