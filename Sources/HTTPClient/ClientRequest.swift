package enum ClientMethod: String, Sendable {
    case get = "GET"
    case head = "HEAD"
    case put = "PUT"
    case post = "POST"
    case delete = "DELETE"
}

/// One request. The URL is sent as it stands: no dot segment is resolved, nothing encoded, no proxy asked, no redirect
/// followed. A body goes with PUT and POST only.
package struct ClientRequest: Sendable {
    package var method: ClientMethod
    package var url: String
    /// Whole lines such as `Content-Type: application/json`.
    package var headerLines: [String] = []
    package var body: [UInt8] = []
    /// Of https only.
    package var certificates = ClientCertificates()
    /// For name look-up and connection together.
    package var connectTimeoutMilliseconds = 2_000
    /// From `send` to the last byte of the answer.
    package var timeoutMilliseconds = 10_000
    /// Bytes of the answer's body, whether held or streamed.
    package var maximumResponseBytes = 16 * 1024 * 1024

    package init(_ method: ClientMethod, url: String, body: [UInt8] = []) {
        self.method = method
        self.url = url
        self.body = body
    }
}

/// Paths of PEM files. Nil: the system's authorities are trusted, and no certificate is shown.
package struct ClientCertificates: Equatable, Sendable {
    package var authorities: String?
    package var own: String?
    package var key: String?

    package init(authorities: String? = nil, own: String? = nil, key: String? = nil) {
        self.authorities = authorities
        self.own = own
        self.key = key
    }
}

extension ClientRequest {
    /// What curl would misread or we would have to trust: C strings end at a NUL, and a line break in a header line
    /// would begin another.
    func check() throws(ClientError) {
        precondition(connectTimeoutMilliseconds > 0 && timeoutMilliseconds > 0, "curl takes 0 for no timeout at all")
        precondition(body.isEmpty || method == .put || method == .post, "only PUT and POST bear a body")
        let scheme = url.lowercased()
        guard scheme.hasPrefix("http://") || scheme.hasPrefix("https://"), url.utf8.count <= HTTPClientLimits.urlBytes,
            url.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { throw .badURL(url) }
        for line in headerLines {
            let isPrintable = line.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == UInt8(ascii: "\t") }
            guard isPrintable, let colon = line.firstIndex(of: ":"), colon > line.startIndex else {
                throw .badHeaderLine(line)
            }
        }
    }
}
