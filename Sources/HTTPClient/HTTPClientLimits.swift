/// The bounds of one client. What a single answer may hold is said by each request.
package struct HTTPClientLimits: Sendable {
    /// Requests sent and not yet answered; one more fails with `tooManyInFlight`. As many connections are kept for the
    /// next requests: with fewer, curl would close and open one for nearly every request under load.
    package var maximumInFlight = 256
    /// Status line and fields of an answer together.
    package var maximumHeadBytes = 64 * 1024

    /// Curl's handles kept for reuse; each holds its buffers.
    static let idleHandles = 32
    static let urlBytes = 64 * 1024

    package init() {}
}
