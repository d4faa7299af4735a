internal import Cluster

/// The network between the nodes. Messages arrive late, out of order, twice or never. Each direction between two nodes
/// can be cut separately.
final class SimulatedNetwork {
    struct Conditions {
        /// The delay of a message in one direction, unless it is a straggler.
        var delayMicroseconds = 50...2_000
        /// The share of messages that are delayed much longer than the others.
        var stragglerPercent = 0.0
        var stragglerMicroseconds = 5_000...1_500_000
        /// The share of messages, in percent, during which the connection breaks, before or after the message arrives.
        var breakPercent = 0.0
        /// The share of messages that arrive twice, as if resent on a second connection because the first seemed dead.
        var repeatPercent = 0.0
    }

    typealias Answer = Result<[UInt8], PeerFailure>
    typealias Receiver = (_ message: [UInt8], _ lane: PeerLane, _ completion: @escaping (Answer) -> Void) -> Void

    let world: World
    var conditions = Conditions()
    private(set) var delivered: UInt64 = 0
    private var addresses: [String]
    private var listeners: [(process: SimulatedProcess, receive: Receiver)?]
    private var isCut: [[Bool]]
    private var underWay: [[UInt64: Flight]]
    private var flights: UInt64 = 0

    init(_ world: World, addresses: [String]) {
        self.world = world
        self.addresses = addresses
        let count = addresses.count
        listeners = Array(repeating: nil, count: count)
        isCut = Array(repeating: Array(repeating: false, count: count), count: count)
        underWay = Array(repeating: [:], count: count)
    }

    func listen(_ process: SimulatedProcess, receive: @escaping Receiver) {
        precondition(listeners[process.node] == nil, "two processes on one port")
        listeners[process.node] = (process, receive)
    }

    /// Called when a process has died. The senders of the messages that it has not answered get an error after a delay,
    /// unless the direction back to them is cut.
    func stopListening(_ process: SimulatedProcess) {
        listeners[process.node] = nil
        let waiting = underWay[process.node]
        underWay[process.node] = [:]
        for number in waiting.keys.sorted() {
            guard let flight = waiting[number], !isCut[process.node][flight.sender.node] else { continue }
            flight.settle(.failure(.broken("the peer closed the connection")), after: delay())
        }
    }

    /// Changes the address of a node. Its former address is unreachable from now on.
    func move(_ node: Int, to address: String) { addresses[node] = address }

    func cut(from: Int, to: Int) { isCut[from][to] = true }

    func reconnect(from: Int, to: Int) { isCut[from][to] = false }

    func reconnectAll() {
        for from in isCut.indices { for to in isCut.indices { isCut[from][to] = false } }
    }
}

// The part of the simulated network that delivers messages and their answers.
extension SimulatedNetwork {
    func send(
        _ message: [UInt8], over lane: PeerLane, from sender: SimulatedProcess, to address: String,
        timeoutMilliseconds: UInt64, completion: @escaping (Answer) -> Void
    ) {
        flights += 1
        let flight = Flight(flights, sender: sender, completion: completion)
        flight.settle(.failure(.timedOut), after: Int(timeoutMilliseconds) * 1000)
        guard let target = addresses.firstIndex(of: address) else {
            return flight.settle(.failure(.unreachable("no route to \(address)")), after: delay())
        }
        world.transcript.mix(message)
        if world.random.chance(conditions.breakPercent) {
            flight.settle(.failure(.broken("the connection was reset")), after: delay())
            // When the connection breaks, half of the messages are lost. The others still arrive, and only their
            // answers are lost.
            if world.random.chance(50) { return }
        }
        deliver(message, lane, flight, to: target)
        if world.random.chance(conditions.repeatPercent) { deliver(message, lane, flight, to: target) }
    }

    private func deliver(_ message: [UInt8], _ lane: PeerLane, _ flight: Flight, to target: Int) {
        if isCut[flight.sender.node][target] { return }
        world.after(delay()) { [self] in
            guard !isCut[flight.sender.node][target] else { return }
            guard let listener = listeners[target] else {
                guard !isCut[target][flight.sender.node] else { return }
                return flight.settle(.failure(.refused), after: delay())
            }
            delivered += 1
            underWay[target][flight.number] = flight
            listener.process.enqueue { [self] in
                listener.receive(message, lane) { answer in self.deliver(answer, of: flight, from: listener.process) }
            }
        }
    }

    private func deliver(_ answer: Answer, of flight: Flight, from target: SimulatedProcess) {
        underWay[target.node][flight.number] = nil
        if case .success(let bytes) = answer { world.transcript.mix(bytes) }
        if target.isDead || isCut[target.node][flight.sender.node] { return }
        world.after(delay()) { [self] in
            if isCut[target.node][flight.sender.node] { return }
            flight.settle(answer, after: 0)
        }
    }

    private func delay() -> Int {
        let isStraggler = world.random.chance(conditions.stragglerPercent)
        return world.random.skewed(isStraggler ? conditions.stragglerMicroseconds : conditions.delayMicroseconds)
    }
}

/// A message on its way and the sender that waits for its answer. The sender's completion is called exactly once, with
/// the first of the answer, the error and the timeout.
private final class Flight {
    let number: UInt64
    let sender: SimulatedProcess
    private var completion: ((SimulatedNetwork.Answer) -> Void)?

    init(_ number: UInt64, sender: SimulatedProcess, completion: @escaping (SimulatedNetwork.Answer) -> Void) {
        self.number = number
        self.sender = sender
        self.completion = completion
    }

    func settle(_ answer: SimulatedNetwork.Answer, after microseconds: Int) {
        sender.after(microseconds) { [self] in
            let completion = completion.take()
            completion?(answer)
        }
    }
}

/// The peer transport of one simulated process, which sends over the simulated network.
final class SimulatedTransport: PeerTransport {
    private let network: SimulatedNetwork
    private let process: SimulatedProcess

    init(_ network: SimulatedNetwork, _ process: SimulatedProcess) {
        self.network = network
        self.process = process
    }

    func send(
        _ message: [UInt8], over lane: PeerLane, to address: String, timeoutMilliseconds: UInt64,
        completion: @escaping (Result<[UInt8], PeerFailure>) -> Void
    ) {
        network.send(
            message, over: lane, from: process, to: address, timeoutMilliseconds: timeoutMilliseconds,
            completion: completion)
    }
}
