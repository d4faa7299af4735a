internal import HTTPClient
internal import Reactor

/// A command's connection to one node. It sends a request, runs the event loop until the answer has arrived, and
/// returns the answer. All requests of a session share one connection.
final class Session {
    let address: ServerAddress
    let output = Output()
    /// Whether answers are printed as the server sent them (`--json`).
    let showsJSON: Bool
    private let loop: EventLoop
    private let client: Client

    init(address: ServerAddress, showsJSON: Bool) throws {
        self.address = address
        self.showsJSON = showsJSON
        loop = try EventLoop()
        client = Client(loop: loop)
    }

    func close() {
        client.close()
        loop.close()
    }

    /// Returns an answer with a 2xx status and throws any other as `ControlFailure.refused`.
    func answer(to call: Call) throws -> ClientResponse {
        try check(try exchange(call.request(to: address), call, sink: nil))
    }

    /// Sends a request and passes the answer's body to `sink` in pieces, without a limit on its length. An error thrown
    /// by `sink` cancels the request and is thrown from here.
    func stream(_ call: Call, to sink: @escaping ([UInt8]) throws -> Void) throws {
        var request = call.request(to: address)
        request.maximumResponseBytes = .max
        _ = try check(try exchange(request, call, sink: sink))
    }

    /// Sends requests to several nodes at the same time and returns their answers in the same order. An answer with an
    /// error status is a `.success` here.
    func answers(
        to calls: [(call: Call, address: ServerAddress)]
    ) -> [Result<ClientResponse, ClientError>] {
        guard !calls.isEmpty else { return [] }
        var answers = [Result<ClientResponse, ClientError>?](repeating: nil, count: calls.count)
        for (index, (call, address)) in calls.enumerated() {
            client.send(call.request(to: address)) { [loop] in
                answers[index] = $0
                if !answers.contains(where: { $0 == nil }) { loop.stop() }
            }
        }
        loop.run()
        return answers.map {
            guard let answer = $0 else { preconditionFailure("the loop ended without an answer") }
            return answer
        }
    }

    private func exchange(
        _ request: ClientRequest, _ call: Call, sink: (([UInt8]) throws -> Void)?
    ) throws -> ClientResponse {
        let relay = sink.map { Relay($0, client) }
        var answer: Result<ClientResponse, ClientError>?
        let transfer = client.send(request, sink: relay?.take) { [loop] in
            answer = $0
            loop.stop()
        }
        relay?.transfer = transfer
        loop.run()
        if let error = relay?.error { throw error }
        switch answer {
        case .success(let response): return response
        case .failure(let error): throw ControlFailure.noAnswer(error, address: address, isWrite: call.method != .get)
        case nil: preconditionFailure("the loop ended without an answer")
        }
    }

    private func check(_ response: ClientResponse) throws -> ClientResponse {
        if (200..<300).contains(response.status) { return response }
        if showsJSON { try output.write(response.body) }
        throw ControlFailure.refused(ServerRefusal(status: response.status, body: response.body))
    }
}

/// Stores the error that a sink throws, because the sinks of the HTTP client cannot throw.
private final class Relay {
    private let sink: ([UInt8]) throws -> Void
    private let client: Client
    var transfer: Transfer?
    private(set) var error: (any Error)?

    init(_ sink: @escaping ([UInt8]) throws -> Void, _ client: Client) {
        self.sink = sink
        self.client = client
    }

    func take(_ bytes: [UInt8]) {
        guard error == nil else { return }
        do {
            try sink(bytes)
        } catch {
            self.error = error
            if let transfer { client.cancel(transfer) }
        }
    }
}
