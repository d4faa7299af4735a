internal import Reactor

/// Since when a connection has been at rest, and since when its client has taken nothing. Kept as times and compared
/// once a tick, so that a connection needs no timer of its own.
struct ConnectionWatch {
    private var restingSinceMilliseconds: UInt64
    private var progressAtMilliseconds: UInt64
    private var writtenBytes: UInt64 = 0

    init(nowMilliseconds: UInt64) {
        restingSinceMilliseconds = nowMilliseconds
        progressAtMilliseconds = nowMilliseconds
    }

    /// Rest begins anew.
    mutating func stir(nowMilliseconds: UInt64) {
        restingSinceMilliseconds = nowMilliseconds
    }

    func hasRested(forMilliseconds limit: UInt64, nowMilliseconds: UInt64) -> Bool {
        nowMilliseconds - restingSinceMilliseconds >= limit
    }

    /// Whether bytes have waited for `limit` without one being taken. To be asked at every tick.
    mutating func isStalled(_ stream: TCPStream, limitMilliseconds limit: UInt64, nowMilliseconds: UInt64) -> Bool {
        let written = stream.writtenBytes
        if stream.pendingWriteBytes == 0 || written != writtenBytes {
            writtenBytes = written
            progressAtMilliseconds = nowMilliseconds
        }
        return nowMilliseconds - progressAtMilliseconds >= limit
    }
}
