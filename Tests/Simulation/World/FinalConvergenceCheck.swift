internal import Cluster
internal import HistoryChecker

/// The requests at the end of a run, when the cluster has converged and no fault is left: a read, a write and a read of
/// every key through random nodes, and a scan and a count of every table. Each of them must succeed. The answers enter
/// the history of the key, so that the checker sees whether a write was lost.
final class FinalConvergenceCheck {
    private let world: World
    private let nodes: [SimulatedNode]
    private let scenario: Scenario
    private let checker: InvariantChecker

    init(_ world: World, _ nodes: [SimulatedNode], _ scenario: Scenario, _ checker: InvariantChecker) {
        self.world = world
        self.nodes = nodes
        self.scenario = scenario
        self.checker = checker
    }

    func run() {
        for table in nodes[0].member?.catalog.liveTables ?? [] {
            for number in 0..<scenario.keys {
                readAndWrite(InvariantChecker.Subject(table: table, key: key(number)), number)
            }
            scan(table)
        }
    }

    private func key(_ number: Int) -> ItemKey { ItemKey(stored: Array("k\(number)".utf8)) }

    private func readAndWrite(_ subject: InvariantChecker.Subject, _ number: Int) {
        let first = world.random.pick(nodes)
        let second = world.random.pick(nodes)
        read(first, subject)
        write(second, subject, "last.\(number)")
        read(first, subject)
    }

    /// Starts `operation` on the node's loop, and runs the simulation until the operation calls its completion. Fails
    /// the run, and returns nil, when that takes longer than 1.5 operation timeouts.
    private func wait<Answer>(
        _ node: SimulatedNode, _ description: String,
        _ operation: @escaping (SimulatedProcess, ClusterNode, @escaping (Answer) -> Void) -> Void
    ) -> Answer? {
        guard checker.failure == nil else { return nil }
        guard let process = node.process, let member = node.member else {
            checker.fail("\(node.id) is not running after all faults ended")
            return nil
        }
        var answer: Answer?
        process.enqueue { operation(process, member) { answer = $0 } }
        let end = world.now + scenario.timing.operationMilliseconds * 1_500
        while answer == nil, world.now < end { world.run(until: world.now + 10_000) }
        if answer == nil { checker.fail("\(node.id) does not answer after all faults ended: \(description)") }
        return answer
    }
}

// The reads and writes of single keys with which the final check ends a run.
extension FinalConvergenceCheck {
    private func read(_ node: SimulatedNode, _ subject: InvariantChecker.Subject) {
        let called = world.now
        let answer: Coordinator.ReadAnswer? = wait(node, "get of \(subject.name)") { [self] process, member, done in
            let pending = checker.begin(subject, on: process, .strong)
            let answered = { [self] (answer: Coordinator.ReadAnswer) in
                checker.complete(pending, answer)
                done(answer)
            }
            let answer = member.get(
                table: subject.table, key: subject.key, consistency: .strong, trace: .none, completion: answered)
            if let answer { answered(answer) }
        }
        switch answer {
        case .found(let item): record(.read(String(decoding: item.value, as: UTF8.self)), subject, called, node)
        case .noItem: record(.read(nil), subject, called, node)
        case .noTable, .unavailable: failRequest(node, subject, answer?.transcriptText ?? "no answer")
        case nil: break
        }
    }

    private func write(_ node: SimulatedNode, _ subject: InvariantChecker.Subject, _ value: String) {
        let called = world.now
        let answer: Coordinator.WriteAnswer? = wait(node, "put of \(subject.name)") { [self] process, member, done in
            let pending = checker.begin(subject, on: process, .strong)
            member.put(
                Array(value.utf8), table: subject.table, key: subject.key, consistency: .strong, trace: .none
            ) { [self] answer in
                checker.complete(pending, answer)
                done(answer)
            }
        }
        switch answer {
        case .done: record(.put(value), subject, called, node)
        case .noItem, .noTable, .unavailable: failRequest(node, subject, answer?.transcriptText ?? "no answer")
        case nil: break
        }
    }

    private func record(
        _ action: HistoryOperation.Action, _ subject: InvariantChecker.Subject, _ called: UInt64, _ node: SimulatedNode
    ) {
        let operation = HistoryOperation(
            client: 0, called: called, returned: world.now, action: action, outcome: .done, isStrong: true)
        world.note("final check of \(subject.name) through \(node.id): \(operation)")
        checker.record(operation, of: subject)
    }

    private func failRequest(_ node: SimulatedNode, _ subject: InvariantChecker.Subject, _ reason: String) {
        checker.fail("\(node.id) fails a request for \(subject.name) after all faults ended: \(reason)")
    }
}

// Scans and counts of a table. The expected value of a key is its newest version on any disk. That need not be the last
// write: an eventual write through a node whose clock was ahead may have a higher version.
extension FinalConvergenceCheck {
    private func scan(_ table: TableState) {
        let node = world.random.pick(nodes)
        let expected = newest(of: table).map(Self.text)
        var found: [String] = []
        var request = PageRequest(table: table)
        request.limit = 1 + world.random.below(3)
        // An empty page may still be followed by another page.
        for _ in 0..<(4 * scenario.keys + 4) {
            guard let page = page(node, request) else { return }
            found += page.entries.map { Self.text(($0.key, $0.item)) }
            guard let next = page.next else { break }
            request.after = next.bytes
        }
        if found != expected {
            checker.fail("a scan of \(table.name) on \(node.id) returned \(found), expected \(expected)")
        }
        count(table, node, live: expected.count)
    }

    private static func text(_ row: (key: ItemKey, item: StoredItem)) -> String {
        String(decoding: row.key.bytes, as: UTF8.self) + "=" + String(decoding: row.item.value, as: UTF8.self)
    }

    private func newest(of table: TableState) -> [(key: ItemKey, item: StoredItem)] {
        (0..<scenario.keys).compactMap { number in
            let held = nodes.compactMap { $0.disk.item(table.id, key(number)) }
            guard let item = held.max(by: { $0.version < $1.version }), !item.isTombstone else { return nil }
            return (key(number), item)
        }
    }

    private func page(_ node: SimulatedNode, _ request: PageRequest) -> Page? {
        let answer: Coordinator.PageAnswer? = wait(node, "scan of \(request.table.name)") { _, member, done in
            member.page(request, trace: .none, completion: done)
        }
        if case .page(let page) = answer { return page }
        if let answer {
            checker.fail("\(node.id) fails a scan of \(request.table.name) after all faults ended: \(answer)")
        }
        return nil
    }

    private func count(_ table: TableState, _ node: SimulatedNode, live: Int) {
        let answer: Coordinator.CountAnswer? = wait(node, "count of \(table.name)") { _, member, done in
            member.count(table, trace: .none, completion: done)
        }
        guard case .count(let count) = answer else {
            if let answer {
                checker.fail("\(node.id) fails a count of \(table.name) after all faults ended: \(answer)")
            }
            return
        }
        if count.isExact, count.live != live {
            checker.fail("\(node.id) counts exactly \(count.live) items in \(table.name), expected \(live)")
        }
    }
}
