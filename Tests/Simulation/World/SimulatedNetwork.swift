internal import Cluster

/// What lies between the nodes. Bytes arrive late, out of order, twice or never; a direction of a pair can be cut
/// without the other.
final class SimulatedNetwork {
    struct Weather {
        /// Of each direction, when nothing special happens.
        var delayMicroseconds = 50...2_000
        /// Of messages that come much later than the others.
        var stragglerPercent = 0.0
        var stragglerMicroseconds = 5_000...1_500_000
        /// Of connections that break under a message, before or after it has arrived.
        var breakPercent = 0.0
        /// Of messages that are sent again on another connection because the first seemed dead.
        var repeatPercent = 0.0
    }

    typealias Answer = Result<[UInt8], PeerFailure>
    typealias Receiver = (_ message: [UInt8], _ lane: PeerLane, _ completion: @escaping (Answer) -> Void) -> Void

    let world: World
    var weather = Weather()
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

    /// The process has died: whoever waits for it hears of that soon, if the way back is open.
    func stopListening(_ process: SimulatedProcess) {
        listeners[process.node] = nil
        let waiting = underWay[process.node]
        underWay[process.node] = [:]
        for number in waiting.keys.sorted() {
            guard let flight = waiting[number], !isCut[process.node][flight.sender.node] else { continue }
            flight.settle(.failure(.broken("the peer closed the connection")), after: delay())
        }
    }

    /// From now on the node is found there, and nobody where it was.
    func move(_ node: Int, to address: String) { addresses[node] = address }

    func cut(from: Int, to: Int) { isCut[from][to] = true }

    func mend(from: Int, to: Int) { isCut[from][to] = false }

    func mendAll() {
        for from in isCut.indices { for to in isCut.indices { isCut[from][to] = false } }
    }
}

// One message and its answer.
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
        if world.random.chance(weather.breakPercent) {
            flight.settle(.failure(.broken("the connection was reset")), after: delay())
            // The bytes may have gone through, and then only the answer is lost.
            if world.random.chance(50) { return }
        }
        carry(message, lane, flight, to: target)
        if world.random.chance(weather.repeatPercent) { carry(message, lane, flight, to: target) }
    }

    private func carry(_ message: [UInt8], _ lane: PeerLane, _ flight: Flight, to target: Int) {
        if isCut[flight.sender.node][target] { return }
        world.after(delay()) { [self] in
            guard !isCut[flight.sender.node][target] else { return }
            guard let listener = listeners[target] else {
                guard !isCut[target][flight.sender.node] else { return }
                return flight.settle(.failure(.refused), after: delay())
            }
            delivered += 1
            underWay[target][flight.number] = flight
            listener.process.soon { [self] in
                listener.receive(message, lane) { answer in self.carry(answer, of: flight, from: listener.process) }
            }
        }
    }

    private func carry(_ answer: Answer, of flight: Flight, from target: SimulatedProcess) {
        underWay[target.node][flight.number] = nil
        if case .success(let bytes) = answer { world.transcript.mix(bytes) }
        if target.isDead || isCut[target.node][flight.sender.node] { return }
        world.after(delay()) { [self] in
            if isCut[target.node][flight.sender.node] { return }
            flight.settle(answer, after: 0)
        }
    }

    private func delay() -> Int {
        if world.random.chance(weather.stragglerPercent) { return world.random.skewed(weather.stragglerMicroseconds) }
        return world.random.skewed(weather.delayMicroseconds)
    }
}

/// Whoever waits for an answer gets the first of whatever may come, once.
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

/// The network as one process sees it.
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
