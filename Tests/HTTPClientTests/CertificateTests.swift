import HTTPClient
import Testing

@Suite struct CertificateTests {
    private static let missing = "/nonexistent.pem"

    @Test("A missing certificate file fails the request with an error that names its kind", arguments: [
        (ClientCertificates(authorities: missing), "CA cert"),
        (ClientCertificates(own: missing), "local SSL certificate"),
        (ClientCertificates(own: missing, key: missing), "local SSL certificate"),
    ])
    func missingFiles(certificates: ClientCertificates, words: String) throws {
        let server = ScriptedServer { peer, _ in peer.waitForEnd() }
        defer { server.stopListening() }
        var request = ClientRequest(.get, url: "https://127.0.0.1:\(server.port)/")
        request.certificates = certificates
        guard case .other(let sentence)? = try ClientRun().send(request).error else {
            Issue.record("the request did not fail because of its certificates")
            return
        }
        #expect(sentence.contains(words), "\(sentence)")
    }

    @Test("Certificates apply to one request only and are not used for plain http")
    func scope() throws {
        let server = ScriptedServer(answering: "HTTP/1.1 200 OK\nContent-Length: 2\n\nok")
        defer { server.stopListening() }
        let run = try ClientRun()
        var request = ClientRequest(.get, url: server.url)
        request.certificates = ClientCertificates(authorities: Self.missing)
        #expect(run.send(request).body == "ok")
        #expect(run.get(server.url).body == "ok")
    }
}
