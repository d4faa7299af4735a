extension TestClient {
    struct Request {
        var method = "GET"
        let target: String
        var body: [UInt8] = []
    }

    /// Sends many requests before it reads their answers, which arrive in order. A few hundred at a time, so that
    /// neither side blocks on a full socket buffer.
    func askAll(_ requests: [Request]) -> [Answer] {
        var answers: [Answer] = []
        var rest = requests[...]
        while !rest.isEmpty {
            let batch = rest.prefix(200)
            rest = rest.dropFirst(200)
            sendAll(batch)
            for _ in batch {
                guard let answer = receive() else { return answers }
                answers.append(answer)
            }
        }
        return answers
    }

    fileprivate func sendAll(_ requests: ArraySlice<Request>) {
        send(requests.flatMap { Self.request($0.method, $0.target, [], $0.body) })
    }
}

extension TestNode {
    /// Sends the requests over several connections, so that they are processed concurrently.
    func askAll(_ requests: [TestClient.Request]) -> [Answer] {
        let clients = (0..<8).map { _ in client() }
        let portion = 100
        var answers: [Answer] = []
        for start in stride(from: 0, to: requests.count, by: portion * clients.count) {
            let portions = clients.indices.map { requests.dropFirst(start + $0 * portion).prefix(portion) }
            for (client, portion) in zip(clients, portions) { client.sendAll(portion) }
            for (client, portion) in zip(clients, portions) { answers += portion.compactMap { _ in client.receive() } }
        }
        return answers
    }
}

/// Percent-encodes the text as one path segment.
func encoded(_ key: [UInt8]) -> String {
    let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
    let digits = Array("0123456789ABCDEF".utf8)
    return String(
        decoding: key.flatMap { plain.contains($0) ? [$0] : [37, digits[Int($0 >> 4)], digits[Int($0 & 15)]] },
        as: UTF8.self)
}

func encoded(_ key: String) -> String { encoded(Array(key.utf8)) }
