/// How a request says where its body ends.
package enum BodyFraming: Equatable, Sendable {
    case none
    /// Bytes, by `Content-Length`.
    case length(Int)
    case chunked
}
