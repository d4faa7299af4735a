/// The limits of one HTTP client. The limit of a response's body is part of each request.
package struct HTTPClientLimits: Sendable {
    /// The most requests sent and not answered yet; one more fails with `tooManyInFlight`. The same number of
    /// connections is kept for reuse: with fewer, curl would close and open a connection for nearly every request under
    /// load.
    package var maximumInFlight = 256
    /// The most bytes of status line and fields of a response together.
    package var maximumHeadBytes = 64 * 1024

    /// Curl easy handles kept for reuse; each holds its buffers.
    static let idleHandles = 32
    /// The most bytes of a URL.
    static let urlBytes = 64 * 1024

    package init() {}
}
