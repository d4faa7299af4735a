internal import Cluster
internal import HistoryChecker

/// When all is healed and quiet: what every key holds, asked of several nodes with a write in between, and what a scan
/// and a count say of each table. Everything has to be answered now.
final class LastWord {
    private let world: World
    private let nodes: [SimulatedNode]
    private let scenario: Scenario
    private let watch: Watch

    init(_ world: World, _ nodes: [SimulatedNode], _ scenario: Scenario, _ watch: Watch) {
        self.world = world
        self.nodes = nodes
        self.scenario = scenario
        self.watch = watch
    }

    func hear() {
        for table in nodes[0].member?.catalog.liveTables ?? [] {
            for number in 0..<scenario.keys { ask(about: Watch.Subject(table: table, key: key(number)), number) }
            scan(table)
        }
    }

    private func key(_ number: Int) -> ItemKey { ItemKey(stored: Array("k\(number)".utf8)) }

    private func ask(about subject: Watch.Subject, _ number: Int) {
        let first = world.random.pick(nodes)
        let second = world.random.pick(nodes)
        read(first, subject)
        write(second, subject, "last.\(number)")
        read(first, subject)
    }

    /// Has `deed` begun on the node's loop, and lets the world go on until it has called what it is given.
    private func wait<Answer>(
        _ node: SimulatedNode, _ what: String,
        _ deed: @escaping (SimulatedProcess, ClusterNode, @escaping (Answer) -> Void) -> Void
    ) -> Answer? {
        guard watch.failure == nil else { return nil }
        guard let process = node.process, let member = node.member else {
            watch.fail("\(node.id) does not run though all is healed")
            return nil
        }
        var answer: Answer?
        process.soon { deed(process, member) { answer = $0 } }
        let end = world.now + scenario.timing.operationMilliseconds * 1_500
        while answer == nil, world.now < end { world.run(until: world.now + 10_000) }
        if answer == nil { watch.fail("\(node.id) does not answer though all is healed: \(what)") }
        return answer
    }
}

// One key.
extension LastWord {
    private func read(_ node: SimulatedNode, _ subject: Watch.Subject) {
        let called = world.now
        let answer: Coordinator.ReadAnswer? = wait(node, "get of \(subject.name)") { [self] process, member, done in
            let pending = watch.began(subject, on: process, .strong)
            let answered = { [self] (answer: Coordinator.ReadAnswer) in
                watch.answered(pending, answer)
                done(answer)
            }
            let answer = member.get(
                table: subject.table, key: subject.key, consistency: .strong, trace: .none, completion: answered)
            if let answer { answered(answer) }
        }
        switch answer {
        case .found(let item): saw(.read(String(decoding: item.value, as: UTF8.self)), subject, called, node)
        case .noItem: saw(.read(nil), subject, called, node)
        case .noTable, .unavailable: cannotServe(node, subject, "\(answer, default: "nothing")")
        case nil: break
        }
    }

    private func write(_ node: SimulatedNode, _ subject: Watch.Subject, _ value: String) {
        let called = world.now
        let answer: Coordinator.WriteAnswer? = wait(node, "put of \(subject.name)") { [self] process, member, done in
            let pending = watch.began(subject, on: process, .strong)
            member.put(
                Array(value.utf8), table: subject.table, key: subject.key, consistency: .strong, trace: .none
            ) { [self] answer in
                watch.answered(pending, answer)
                done(answer)
            }
        }
        switch answer {
        case .done: saw(.put(value), subject, called, node)
        case .noItem, .noTable, .unavailable: cannotServe(node, subject, "\(answer, default: "nothing")")
        case nil: break
        }
    }

    private func saw(
        _ action: HistoryOperation.Action, _ subject: Watch.Subject, _ called: UInt64, _ node: SimulatedNode
    ) {
        world.note("at last \(node.id) says of \(subject.name): \(action)")
        watch.saw(
            HistoryOperation(
                client: 0, called: called, returned: world.now, action: action, outcome: .done, isStrong: true),
            of: subject)
    }

    private func cannotServe(_ node: SimulatedNode, _ subject: Watch.Subject, _ why: String) {
        watch.fail("\(node.id) cannot serve \(subject.name) though all is healed: \(why)")
    }
}

// The whole table, of which the newest version of each key counts, on whichever disk it is. That need not be the last
// that was written: an eventual write of a clock that was ahead may have a higher version.
extension LastWord {
    private func scan(_ table: TableState) {
        let node = world.random.pick(nodes)
        let expected = newest(of: table).map(Self.text)
        var found: [String] = []
        var request = PageRequest(table: table)
        request.limit = 1 + world.random.below(3)
        // A page may be empty and have another behind it.
        for _ in 0..<(4 * scenario.keys + 4) {
            guard let page = page(node, request) else { return }
            found += page.entries.map { Self.text(($0.key, $0.item)) }
            guard let next = page.next else { break }
            request.after = next.bytes
        }
        if found != expected { watch.fail("a scan of \(table.name) on \(node.id) gave \(found), not \(expected)") }
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
        if let answer { watch.fail("\(node.id) does not scan \(request.table.name) though all is healed: \(answer)") }
        return nil
    }

    private func count(_ table: TableState, _ node: SimulatedNode, live: Int) {
        let answer: Coordinator.CountAnswer? = wait(node, "count of \(table.name)") { _, member, done in
            member.count(table, trace: .none, completion: done)
        }
        guard case .count(let count) = answer else {
            if let answer { watch.fail("\(node.id) does not count \(table.name) though all is healed: \(answer)") }
            return
        }
        if count.isExact, count.live != live {
            watch.fail("\(node.id) counts exactly \(count.live) items in \(table.name), not \(live)")
        }
    }
}
