/// Every bound of this module; those of one request's bytes are the parser's.
package struct HTTPServerLimits: Sendable {
    /// Beyond it a connection is accepted only to be told 503.
    package var maximumConnections = 10_000
    /// So many more at once are told so; further ones are reset.
    package var refusingConnections = 64

    /// Bodies still arriving, of all connections together. The request that would pass it is told 503.
    package var heldBodyBytes = 268_435_456

    /// Between two requests. Then closed without a word.
    package var idleMilliseconds: UInt64 = 60_000
    /// From a request's first byte to its last. Then 408, however steadily it drips.
    package var requestMilliseconds: UInt64 = 30_000
    /// Without a byte taken by a client that has some to take. Then cut.
    package var writeStallMilliseconds: UInt64 = 30_000
    /// How long, and for how many bytes, a connection that was answered for the last time is still read: closing over
    /// unread bytes would send a reset, which can destroy the answer on its way.
    package var lingerMilliseconds: UInt64 = 2_000
    package var lingerBytes = 4 << 20
    /// How often the clock is compared with all of these; so they are exact to one tick.
    package var tickMilliseconds: UInt64 = 1_000

    /// What a client may send ahead while its last request is being answered, give or take one read of 64 KiB.
    package var pipelinedBytes = 65_536
    /// Requests of one connection served in a turn before the others get theirs.
    package var requestsPerTurn = 64
    /// Response bytes that wait for the client. Above the first no further request is begun and `send` says no; below
    /// the second `onWritable` is called.
    package var writeHighWaterBytes = 262_144
    package var writeLowWaterBytes = 65_536

    /// A body up to this size is copied behind its head to leave in one piece; a larger one leaves from where it is.
    static let joinedBodyBytes = 16_384
    /// Output buffers kept for reuse by all connections of a server, and the largest that is kept.
    static let keptBuffers = 4
    static let keptBufferBytes = 65_536

    package init() {}
}
