internal import Cluster
internal import HistoryChecker

/// Asks one thing after another, each of a node of its choice, until it is told to stop.
final class SimulatedClient {
    fileprivate enum Wish {
        case put(String)
        case delete
        case get
    }

    private struct Question {
        let number: Int
        let called: UInt64
        let wish: Wish
        let consistency: Consistency
        /// Nil until the node has found the table.
        var subject: Watch.Subject?
    }

    private let number: Int
    private let world: World
    private let nodes: [SimulatedNode]
    private let scenario: Scenario
    private let watch: Watch
    private var random: SeededRandom
    private var questions = 0
    /// What is under way.
    private var asked: Question?
    private var isAtWork = true

    init(_ number: Int, _ world: World, _ nodes: [SimulatedNode], _ scenario: Scenario, _ watch: Watch) {
        self.number = number
        self.world = world
        self.nodes = nodes
        self.scenario = scenario
        self.watch = watch
        random = world.random.split()
    }

    func start() { scheduleNext() }

    /// After what is under way.
    func stop() { isAtWork = false }

    private func scheduleNext() {
        world.after(random.skewed(scenario.mix.thinkMicroseconds)) { [self] in
            if isAtWork { ask() }
        }
    }

    private func ask() {
        let node = random.pick(nodes)
        // Nothing listens there: the client looks for another.
        guard let process = node.process, let member = node.member else { return scheduleNext() }
        questions += 1
        let question = Question(
            number: questions, called: world.now, wish: wish(),
            consistency: random.chance(scenario.strongPercent) ? .strong : .eventual)
        asked = question
        let table = Table.names[random.below(scenario.tables)]
        let key = ItemKey(stored: Array("k\(random.below(scenario.keys))".utf8))
        process.after(random.skewed(20...1_000)) { [self] in
            serve(question, on: node, process, member, table, key)
        }
        giveUpLater(question)
    }

    private func wish() -> Wish {
        let choice = Double(random.below(100))
        if choice < scenario.mix.putPercent { return .put("c\(number).\(questions)") }
        return choice < scenario.mix.putPercent + scenario.mix.deletePercent ? .delete : .get
    }

    private func giveUpLater(_ question: Question) {
        let patience = Int(scenario.timing.operationMilliseconds) * 2_000
        world.after(patience) { [self] in
            guard asked?.number == question.number else { return }
            conclude(question.number, nil)
        }
    }
}

// On the node.
extension SimulatedClient {
    private func serve(
        _ question: Question, on node: SimulatedNode, _ process: SimulatedProcess, _ member: ClusterNode,
        _ name: TableName, _ key: ItemKey
    ) {
        guard member.record != nil, let table = member.catalog.live(name) else {
            return reply(question, nil, from: process)
        }
        let subject = Watch.Subject(table: table, key: key)
        if asked?.number == question.number {
            asked?.subject = subject
        } else {
            // The client has given up long ago, and the node has been frozen until now.
            record(question, subject, nil)
        }
        world.note("client \(number) asks \(node.id): \(question.consistency) \(question.wish) of \(subject.name)")
        let pending = watch.began(subject, on: process, question.consistency)
        switch question.wish {
        case .put(let value):
            member.put(
                Array(value.utf8), table: table, key: key, consistency: question.consistency, trace: trace
            ) { [self] in wrote(question, pending, .put(value), $0) }
        case .delete:
            member.delete(table: table, key: key, consistency: question.consistency, trace: trace) { [self] in
                wrote(question, pending, .delete, $0)
            }
        case .get:
            let answer = member.get(
                table: table, key: key, consistency: question.consistency, trace: trace
            ) { [self] in read(question, pending, $0) }
            if let answer { read(question, pending, answer) }
        }
    }

    /// Every request of a client is recorded.
    private var trace: RequestTrace {
        RequestTrace(
            requestID: Array("client-\(number)".utf8), traceHigh: 1, traceLow: UInt64(number), spanID: UInt64.max,
            traceFlags: 1)
    }

    private func wrote(
        _ question: Question, _ pending: Watch.Pending, _ action: HistoryOperation.Action,
        _ answer: Coordinator.WriteAnswer
    ) {
        watch.answered(pending, answer)
        let seen: Seen =
            switch answer {
            case .done: Seen(action, .done)
            case .noItem: Seen(.read(nil), .done)
            case .noTable: Seen(action, .unknown)
            case .unavailable(let why): Seen(action, why.outcome == .notApplied ? .notApplied : .unknown)
            }
        note(question, "\(answer)")
        reply(question, seen, from: pending.process)
    }

    private func read(_ question: Question, _ pending: Watch.Pending, _ answer: Coordinator.ReadAnswer) {
        watch.answered(pending, answer)
        let seen: Seen =
            switch answer {
            case .found(let item): Seen(.read(String(decoding: item.value, as: UTF8.self)), .done)
            case .noItem: Seen(.read(nil), .done)
            case .noTable, .unavailable: Seen(.read(nil), .unknown)
            }
        note(question, "\(answer)")
        reply(question, seen, from: pending.process)
    }

    private func note(_ question: Question, _ answer: @autoclosure () -> String) {
        world.note("client \(number) is told of its \(question.wish): \(answer())")
    }

    private func reply(_ question: Question, _ seen: Seen?, from process: SimulatedProcess) {
        world.after(random.skewed(20...1_000)) { [self] in
            guard asked?.number == question.number else { return }
            conclude(question.number, seen ?? Seen(.read(nil), .unknown))
        }
    }
}

// What the client makes of it.
extension SimulatedClient {
    private struct Seen {
        let action: HistoryOperation.Action
        let outcome: HistoryOperation.Outcome

        init(_ action: HistoryOperation.Action, _ outcome: HistoryOperation.Outcome) {
            self.action = action
            self.outcome = outcome
        }
    }

    /// `seen` nil: no answer came.
    private func conclude(_ number: Int, _ seen: Seen?) {
        guard let question = asked, question.number == number else { return }
        asked = nil
        // What found no table on the node was no operation on any item.
        if let subject = question.subject { record(question, subject, seen) }
        scheduleNext()
    }

    private func record(_ question: Question, _ subject: Watch.Subject, _ seen: Seen?) {
        let action: HistoryOperation.Action =
            switch question.wish {
            case .put(let value): .put(value)
            case .delete: .delete
            case .get: .read(nil)
            }
        watch.saw(
            HistoryOperation(
                client: self.number, called: question.called, returned: seen == nil ? nil : world.now,
                action: seen?.action ?? action, outcome: seen?.outcome ?? .unknown,
                isStrong: question.consistency == .strong),
            of: subject)
    }

    var isIdle: Bool { asked == nil }
}

extension SimulatedClient.Wish: CustomStringConvertible {
    var description: String {
        switch self {
        case .put(let value): "put \(value)"
        case .delete: "delete"
        case .get: "get"
        }
    }
}

/// The tables that clients know.
enum Table {
    static let names = ["t1", "t2"].compactMap { try? TableName(validating: Array($0.utf8)) }
}
