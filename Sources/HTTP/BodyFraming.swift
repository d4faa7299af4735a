/// How a request announces the end of its body.
package enum BodyFraming: Equatable, Sendable {
    /// No body.
    case none
    /// The body has the number of bytes that the Content-Length field gives.
    case length(Int)
    case chunked
}
