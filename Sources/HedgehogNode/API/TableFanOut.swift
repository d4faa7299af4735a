internal import Cluster

/// Sends one query per table to the cluster, at most eight at a time, and collects the answers in the order of the
/// tables.
final class TableFanOut<Value> {
    typealias TableQuery = (TableState, @escaping (Value) -> Void) -> Void

    private static var concurrent: Int { 8 }

    private let tables: [LiveTable]
    private let send: TableQuery
    private var answers: [Value?]
    private var next = 0
    private var missing: Int
    private var completion: (([(LiveTable, Value)]) -> Void)?

    init(_ tables: [LiveTable], send: @escaping TableQuery, completion: @escaping ([(LiveTable, Value)]) -> Void) {
        self.tables = tables
        self.send = send
        self.completion = completion
        answers = Array(repeating: nil, count: tables.count)
        missing = tables.count
    }

    /// Sends the queries for the first tables. `completion` is called before `start` returns only if the list of tables
    /// is empty.
    func start() {
        guard missing > 0 else { return finish() }
        for _ in 0..<min(Self.concurrent, tables.count) { sendNext() }
    }

    private func sendNext() {
        guard next < tables.count else { return }
        let index = next
        next += 1
        send(tables[index].state) { [self] answer in
            precondition(answers[index] == nil, "a query for a table was answered twice")
            answers[index] = answer
            missing -= 1
            if missing == 0 { finish() } else { sendNext() }
        }
    }

    private func finish() {
        let completion = completion.take()
        completion?(Array(zip(tables, answers.compactMap(\.self))))
    }
}
