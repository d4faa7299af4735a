internal import Reactor

/// Records since when a connection has been at rest and since when its client has taken no response byte. Both are
/// times that the server compares with its limits once a tick, so a connection needs no timer of its own.
struct ConnectionWatch {
    private var restingSinceMilliseconds: UInt64
    private var lingeringSinceMilliseconds: UInt64
    private var progressAtMilliseconds: UInt64
    private var writtenBytes: UInt64 = 0

    init(nowMilliseconds: UInt64) {
        restingSinceMilliseconds = nowMilliseconds
        lingeringSinceMilliseconds = nowMilliseconds
        progressAtMilliseconds = nowMilliseconds
    }

    /// Records activity on the connection: its time at rest is counted from now.
    mutating func restart(nowMilliseconds: UInt64) {
        restingSinceMilliseconds = nowMilliseconds
    }

    /// Restarts the measurement of the total time of lingering, which begins once the kernel has taken the last
    /// response.
    mutating func restartLingering(nowMilliseconds: UInt64) {
        lingeringSinceMilliseconds = nowMilliseconds
    }

    /// Returns whether a connection that lingers after its last response must close: the client has sent nothing for
    /// `lingerMilliseconds`, or the limit on the total time of lingering has passed.
    func hasLingered(_ limits: HTTPServerLimits, isDraining: Bool, nowMilliseconds: UInt64) -> Bool {
        let total = isDraining ? limits.lingerMilliseconds : limits.lingerTotalMilliseconds
        return hasRested(forMilliseconds: limits.lingerMilliseconds, nowMilliseconds: nowMilliseconds)
            || nowMilliseconds - lingeringSinceMilliseconds >= total
    }

    func hasRested(forMilliseconds limit: UInt64, nowMilliseconds: UInt64) -> Bool {
        nowMilliseconds - restingSinceMilliseconds >= limit
    }

    /// Returns whether response bytes have waited for `limit` milliseconds while the kernel took none of them. Must be
    /// called at every tick, since each call compares with the one before.
    mutating func isStalled(_ stream: TCPStream, limitMilliseconds limit: UInt64, nowMilliseconds: UInt64) -> Bool {
        let written = stream.writtenBytes
        if stream.pendingWriteBytes == 0 || written != writtenBytes {
            writtenBytes = written
            progressAtMilliseconds = nowMilliseconds
        }
        return nowMilliseconds - progressAtMilliseconds >= limit
    }
}
