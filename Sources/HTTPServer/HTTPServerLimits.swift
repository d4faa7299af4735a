/// The limits of one server. `HTTPLimits` has those of a single request's bytes.
package struct HTTPServerLimits: Sendable {
    /// The most open connections. One more is accepted and answered with 503.
    package var maximumConnections = 10_000
    /// Connections beyond `maximumConnections` that are answered 503 at the same time; further ones are reset.
    package var rejectingConnections = 64

    /// Memory for bodies that are still arriving, of all connections together. The request that exceeds it is answered
    /// 503.
    package var heldBodyBytes = 268_435_456

    /// Time between two requests, after which the connection is closed without a response. Responses state it in whole
    /// seconds, so that a client does not send a request on a connection that is being closed.
    package var idleMilliseconds: UInt64 = 60_000
    /// Time from a request's first byte to the end of its head, after which it is answered 408, even if bytes keep
    /// arriving.
    package var requestMilliseconds: UInt64 = 30_000
    /// The lowest average speed at which a request's body may arrive, in bytes per second, measured over each
    /// `requestMilliseconds`. A slower request is answered 408. A body that keeps this speed may take longer in all.
    package var minimumBodyBytesPerSecond = 256
    /// Time for which a client may take no byte while response bytes wait for it. Then the connection is reset.
    package var writeStallMilliseconds: UInt64 = 30_000
    /// How long input is still read and discarded after the last response of a connection: the connection closes when
    /// nothing has arrived for `lingerMilliseconds`, and after `lingerTotalMilliseconds` in any case. Closing over
    /// unread bytes would send a reset, which can destroy the response on its way. A server that drains waits for
    /// `lingerMilliseconds` in all.
    package var lingerMilliseconds: UInt64 = 2_000
    package var lingerTotalMilliseconds: UInt64 = 30_000
    /// The most bytes that are read and discarded after the last response of a connection. Then reading stops, so that
    /// a client that sends without end is held back by TCP and finds the response, and the connection closes after
    /// `lingerMilliseconds`.
    package var lingerBytes = 256 << 20
    /// How often the server checks the time limits of its connections; they are exact to one tick.
    package var tickMilliseconds: UInt64 = 1_000

    /// Bytes that a client may send ahead while a request is being answered, exact to one read of up to 64 KiB.
    package var pipelinedBytes = 65_536
    /// Requests of one connection served in one loop iteration before other connections are served.
    package var requestsPerIteration = 64
    /// Response bytes that wait for one client. Above the high-water mark the connection is backpressured: no further
    /// request begins and `send` returns false. At the low-water mark `onWritable` is called.
    package var writeHighWaterBytes = 262_144
    package var writeLowWaterBytes = 65_536

    /// A body up to this size is copied behind its head, so that both are sent together at the end of the loop
    /// iteration. A larger one is written at once from its own memory.
    static let joinedBodyBytes = 16_384
    /// How many buffers of response bytes a server keeps for reuse, and the largest, in bytes, that it keeps.
    static let keptBuffers = 4
    static let keptBufferBytes = 65_536

    package init() {}
}
