/// The request methods that some route answers. Any other valid token is `other`; its bytes are in the head.
package enum Method: Sendable {
    case get, head, put, post, delete, options, other

    /// Converts the method of a request line. Methods are case-sensitive (RFC 9110, 9.1), so `get` becomes `other`.
    init(_ token: Span<UInt8>) {
        switch token.count {
        case 3 where token.equals("GET"): self = .get
        case 3 where token.equals("PUT"): self = .put
        case 4 where token.equals("HEAD"): self = .head
        case 4 where token.equals("POST"): self = .post
        case 6 where token.equals("DELETE"): self = .delete
        case 7 where token.equals("OPTIONS"): self = .options
        default: self = .other
        }
    }
}
