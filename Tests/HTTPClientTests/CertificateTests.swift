import HTTPClient
import Testing

@Suite struct CertificateTests {
    private static let missing = "/nonexistent.pem"

    @Test("A file of certificates that is not there fails the request, in words that say which kind", arguments: [
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
            Issue.record("the request did not fail for its certificates")
            return
        }
        #expect(sentence.contains(words), "\(sentence)")
    }

    @Test("Certificates are of one request only, and plain http needs none")
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
