/// The request methods that a client sends.
package enum ClientMethod: String, Sendable {
    case get = "GET"
    case head = "HEAD"
    case put = "PUT"
    case post = "POST"
    case delete = "DELETE"
}

/// One request. The URL is sent unchanged: dot segments are not resolved and nothing is percent-encoded. No proxy is
/// used and no redirect is followed. Only PUT and POST may have a body.
package struct ClientRequest: Sendable {
    package var method: ClientMethod
    package var url: String
    /// The header lines of the request, without line ends, such as `Content-Type: application/json`.
    package var headerLines: [String] = []
    package var body: [UInt8] = []
    /// The TLS certificates, which are used only if the URL begins with https.
    package var certificates = ClientCertificates()
    /// The time limit of name resolution and connection together.
    package var connectTimeoutMilliseconds = 2_000
    /// The time limit from `send` to the last byte of the response.
    package var timeoutMilliseconds = 10_000
    /// The most bytes of the response's body, whether it is kept or streamed.
    package var maximumResponseBytes = 16 * 1024 * 1024

    package init(_ method: ClientMethod, url: String, body: [UInt8] = []) {
        self.method = method
        self.url = url
        self.body = body
    }
}

/// Paths of PEM files for TLS. Without `authorities` the system's certificate authorities are trusted; without `own` no
/// client certificate is presented.
package struct ClientCertificates: Equatable, Sendable {
    /// The path of the file with the certificate authorities to trust.
    package var authorities: String?
    /// The path of the file with the client certificate.
    package var own: String?
    /// The path of the file with the private key of the client certificate.
    package var key: String?

    package init(authorities: String? = nil, own: String? = nil, key: String? = nil) {
        self.authorities = authorities
        self.own = own
        self.key = key
    }
}

extension ClientRequest {
    /// Rejects what curl would misread: a C string ends at a NUL, and a line break in a header line would begin another
    /// field.
    func check() throws(ClientError) {
        precondition(
            connectTimeoutMilliseconds > 0 && timeoutMilliseconds > 0, "curl takes a timeout of 0 ms for no timeout")
        precondition(body.isEmpty || method == .put || method == .post, "only PUT and POST may have a body")
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
