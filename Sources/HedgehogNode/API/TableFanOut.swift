internal import Cluster

/// Asks the cluster about many tables, a few at a time, and keeps the answers in their order.
final class TableRound<Value> {
    typealias Question = (TableState, @escaping (Value) -> Void) -> Void

    private static var concurrent: Int { 8 }

    private let tables: [LiveTable]
    private let ask: Question
    private var answers: [Value?]
    private var next = 0
    private var missing: Int
    private var completion: (([(LiveTable, Value)]) -> Void)?

    init(_ tables: [LiveTable], ask: @escaping Question, completion: @escaping ([(LiveTable, Value)]) -> Void) {
        self.tables = tables
        self.ask = ask
        self.completion = completion
        answers = Array(repeating: nil, count: tables.count)
        missing = tables.count
    }

    /// `completion` may come before this returns only where there is no table.
    func start() {
        guard missing > 0 else { return finish() }
        for _ in 0..<min(Self.concurrent, tables.count) { askNext() }
    }

    private func askNext() {
        guard next < tables.count else { return }
        let index = next
        next += 1
        ask(tables[index].state) { [self] answer in
            precondition(answers[index] == nil, "a table was counted twice")
            answers[index] = answer
            missing -= 1
            if missing == 0 { finish() } else { askNext() }
        }
    }

    private func finish() {
        let completion = completion.take()
        completion?(Array(zip(tables, answers.compactMap(\.self))))
    }
}
