import HTTPClient
import Reactor

typealias Answer = Result<ClientResponse, ClientError>

/// A loop with a client on it, run by the test's own thread for as long as answers are awaited.
final class ClientRun {
    let loop: EventLoop
    let client: Client

    init(limits: HTTPClientLimits = HTTPClientLimits()) throws {
        loop = try EventLoop()
        client = Client(loop: loop, limits: limits)
    }

    deinit {
        client.close()
        loop.close()
    }

    /// Sends all at once; the answers in the order of the requests.
    func send(_ requests: [ClientRequest]) -> [Answer] {
        var answers = [Answer?](repeating: nil, count: requests.count)
        var awaited = requests.count
        for (index, request) in requests.enumerated() {
            client.send(request) { answer in
                precondition(answers[index] == nil, "a completion ran twice")
                answers[index] = answer
                awaited -= 1
                if awaited == 0 { self.loop.stop() }
            }
        }
        loop.run()
        return answers.compactMap { $0 }
    }

    func send(_ request: ClientRequest) -> Answer {
        send([request])[0]
    }

    func get(_ url: String) -> Answer {
        send(ClientRequest(.get, url: url))
    }

    /// Lets the loop run on until a gate is opened, at most five seconds.
    func rest(until gate: Gate) {
        let poller = try? SocketPoller(loop: loop, descriptor: gate.descriptor)
        try? poller?.start(.readable) { _ in self.loop.stop() }
        rest(milliseconds: 5_000)
        poller?.close()
    }

    /// Lets the loop run on for a while.
    func rest(milliseconds: UInt64) {
        let timer = Timer(loop: loop)
        timer.start(afterMilliseconds: milliseconds) { self.loop.stop() }
        loop.run()
        timer.close()
    }
}

extension Answer {
    var body: String? { (try? get()).map { String(decoding: $0.body, as: UTF8.self) } }
    var status: Int? { (try? get())?.status }

    var error: ClientError? {
        if case .failure(let error) = self { error } else { nil }
    }
}
