/// The request methods that some route answers. Any other valid token is `other`, and its bytes stand in the head.
package enum Method: Sendable {
    case get, head, put, post, delete, options, other

    /// Methods are case-sensitive: `get` is a method of its own, and we do not have it.
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
