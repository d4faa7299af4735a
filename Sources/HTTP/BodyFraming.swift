/// How a request announces the end of its body.
package enum BodyFraming: Equatable, Sendable {
    /// No body.
    case none
    /// The number of bytes that `Content-Length` gives.
    case length(Int)
    case chunked
}
