internal import Cluster
internal import HistoryChecker

/// A client that sends one request after another, each to a random node, until it is stopped. It records every request
/// and its outcome in the history of the key.
final class SimulatedClient {
    fileprivate enum Action {
        case put(String)
        case delete
        case get
    }

    private struct Request {
        let number: Int
        let called: UInt64
        let action: Action
        let consistency: Consistency
        /// The item that the request reads or writes; nil until the node has found the item's table.
        var subject: InvariantChecker.Subject?
    }

    private let number: Int
    private let world: World
    private let nodes: [SimulatedNode]
    private let scenario: Scenario
    private let checker: InvariantChecker
    private var random: SeededRandom
    private var requests = 0
    /// The request of this client that waits for its answer; nil between requests.
    private var current: Request?
    private var isRunning = true

    init(_ number: Int, _ world: World, _ nodes: [SimulatedNode], _ scenario: Scenario, _ checker: InvariantChecker) {
        self.number = number
        self.world = world
        self.nodes = nodes
        self.scenario = scenario
        self.checker = checker
        random = world.random.split()
    }

    func start() { scheduleNext() }

    /// Stops the client: it sends no further requests, and the one that is under way completes.
    func stop() { isRunning = false }

    private func scheduleNext() {
        world.after(random.skewed(scenario.workload.thinkMicroseconds)) { [self] in
            if isRunning { sendRequest() }
        }
    }

    private func sendRequest() {
        let node = random.pick(nodes)
        // A node that is down refuses the connection, so the client tries another node after a pause.
        guard let process = node.process, let member = node.member else { return scheduleNext() }
        requests += 1
        let request = Request(
            number: requests, called: world.now, action: chooseAction(),
            consistency: random.chance(scenario.strongPercent) ? .strong : .eventual)
        current = request
        let table = ClientTables.names[random.below(scenario.tables)]
        let key = ItemKey(stored: Array("k\(random.below(scenario.keys))".utf8))
        process.after(random.skewed(20...1_000)) { [self] in
            serve(request, on: node, process, member, table, key)
        }
        startTimeout(request)
    }

    private func chooseAction() -> Action {
        let choice = Double(random.below(100))
        if choice < scenario.workload.putPercent { return .put("c\(number).\(requests)") }
        return choice < scenario.workload.putPercent + scenario.workload.deletePercent ? .delete : .get
    }

    /// Ends the request without an answer when the client has waited for twice the operation timeout of the nodes.
    private func startTimeout(_ request: Request) {
        let timeoutMicroseconds = Int(scenario.timing.operationMilliseconds) * 2_000
        world.after(timeoutMicroseconds) { [self] in
            guard current?.number == request.number else { return }
            finish(request.number, nil)
        }
    }
}

// The part of a client request that the node's process executes.
extension SimulatedClient {
    private func serve(
        _ request: Request, on node: SimulatedNode, _ process: SimulatedProcess, _ member: ClusterNode,
        _ name: TableName, _ key: ItemKey
    ) {
        guard member.record != nil, let table = member.catalog.live(name) else {
            return reply(request, nil, from: process)
        }
        let subject = InvariantChecker.Subject(table: table, key: key)
        if current?.number == request.number {
            current?.subject = subject
        } else {
            // The node was frozen until now and the client has timed out, so the outcome is unknown to the client.
            record(request, subject, nil)
        }
        world.note("client \(number) sends to \(node.id): \(request.consistency) \(request.action) \(subject.name)")
        let pending = checker.begin(subject, on: process, request.consistency)
        switch request.action {
        case .put(let value):
            member.put(
                Array(value.utf8), table: table, key: key, consistency: request.consistency, trace: trace
            ) { [self] in completeWrite(request, pending, .put(value), $0) }
        case .delete:
            member.delete(table: table, key: key, consistency: request.consistency, trace: trace) { [self] in
                completeWrite(request, pending, .delete, $0)
            }
        case .get:
            let answer = member.get(
                table: table, key: key, consistency: request.consistency, trace: trace
            ) { [self] in completeRead(request, pending, $0) }
            if let answer { completeRead(request, pending, answer) }
        }
    }

    /// The trace of this client's requests. It is sampled, so the nodes record spans for every request.
    private var trace: RequestTrace {
        RequestTrace(
            requestID: Array("client-\(number)".utf8), traceHigh: 1, traceLow: UInt64(number), spanID: UInt64.max,
            traceFlags: 1)
    }

    private func completeWrite(
        _ request: Request, _ pending: InvariantChecker.PendingOperation, _ action: HistoryOperation.Action,
        _ answer: Coordinator.WriteAnswer
    ) {
        checker.complete(pending, answer)
        let observed: Observation =
            switch answer {
            case .done: Observation(action, .done)
            case .noItem: Observation(.read(nil), .done)
            case .noTable: Observation(action, .unknown)
            case .unavailable(let reason):
                Observation(action, reason.outcome == .notApplied ? .notApplied : .unknown)
            }
        note(request, answer.transcriptText)
        reply(request, observed, from: pending.process)
    }

    private func completeRead(
        _ request: Request, _ pending: InvariantChecker.PendingOperation, _ answer: Coordinator.ReadAnswer
    ) {
        checker.complete(pending, answer)
        let observed: Observation =
            switch answer {
            case .found(let item): Observation(.read(String(decoding: item.value, as: UTF8.self)), .done)
            case .noItem: Observation(.read(nil), .done)
            case .noTable, .unavailable: Observation(.read(nil), .unknown)
            }
        note(request, answer.transcriptText)
        reply(request, observed, from: pending.process)
    }

    private func note(_ request: Request, _ answer: @autoclosure () -> String) {
        world.note("client \(number) receives the answer to \(request.action): \(answer())")
    }

    private func reply(_ request: Request, _ observed: Observation?, from process: SimulatedProcess) {
        world.after(random.skewed(20...1_000)) { [self] in
            guard current?.number == request.number else { return }
            finish(request.number, observed ?? Observation(.read(nil), .unknown))
        }
    }
}

// The outcome of a request as its client observes it.
extension SimulatedClient {
    private struct Observation {
        let action: HistoryOperation.Action
        let outcome: HistoryOperation.Outcome

        init(_ action: HistoryOperation.Action, _ outcome: HistoryOperation.Outcome) {
            self.action = action
            self.outcome = outcome
        }
    }

    /// Finishes the client's current request. `observed` is what the client learned of its outcome; nil if no answer
    /// arrived in time.
    private func finish(_ number: Int, _ observed: Observation?) {
        guard let request = current, request.number == number else { return }
        current = nil
        // A request that found no table on the node is not an operation on any item.
        if let subject = request.subject { record(request, subject, observed) }
        scheduleNext()
    }

    private func record(_ request: Request, _ subject: InvariantChecker.Subject, _ observed: Observation?) {
        let action: HistoryOperation.Action =
            switch request.action {
            case .put(let value): .put(value)
            case .delete: .delete
            case .get: .read(nil)
            }
        checker.record(
            HistoryOperation(
                client: self.number, called: request.called, returned: observed == nil ? nil : world.now,
                action: observed?.action ?? action, outcome: observed?.outcome ?? .unknown,
                isStrong: request.consistency == .strong),
            of: subject)
    }
}

extension SimulatedClient.Action: CustomStringConvertible {
    var description: String {
        switch self {
        case .put(let value): "put \(value)"
        case .delete: "delete"
        case .get: "get"
        }
    }
}

/// The names of the tables that clients use.
enum ClientTables {
    static let names = ["t1", "t2"].compactMap { try? TableName(validating: Array($0.utf8)) }
}
