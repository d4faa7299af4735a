internal import HTTPClient
internal import Reactor

/// A command's conversation with one node: sends a call, runs the loop until its answer is there, returns it. Calls of
/// one session share a connection.
final class Session {
    let address: ServerAddress
    let output = Output()
    /// Whether answers are shown as the server sent them.
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

    /// An answer of the 2xx statuses; any other is thrown as the refusal it is.
    func answer(to call: Call) throws -> ClientResponse {
        try check(try exchange(call.request(to: address), call, sink: nil))
    }

    /// The body comes to `sink` in pieces, however long it is; an error that `sink` throws ends it.
    func stream(_ call: Call, to sink: @escaping ([UInt8]) throws -> Void) throws {
        var request = call.request(to: address)
        request.maximumResponseBytes = .max
        _ = try check(try exchange(request, call, sink: sink))
    }

    /// Of several nodes, asked at once, in their order. An answer that says no is one too.
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

/// Carries an error out of a sink, past the client, which knows none.
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
