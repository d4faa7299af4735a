internal import Base
internal import HTTP
internal import Reactor

/// The Date field line, formatted once a second for all connections of a server.
struct DateLine {
    private var bytes: [UInt8] = []
    private var madeAtSecond: UInt64 = 0
    private var checkedAtMilliseconds: UInt64?

    /// Appends the Date field line. The wall clock is read at most once in 100 ms of loop time.
    mutating func append(to output: inout [UInt8], loop: EventLoop) {
        let now = loop.nowMilliseconds
        if checkedAtMilliseconds.map({ now - $0 >= 100 }) ?? true {
            checkedAtMilliseconds = now
            refresh(second: EventLoop.wallMilliseconds() / 1_000)
        }
        output.append(bytes.span)
    }

    private mutating func refresh(second: UInt64) {
        guard second != madeAtSecond else { return }
        madeAtSecond = second
        bytes.removeAll(keepingCapacity: true)
        bytes.append("Date: ")
        bytes.appendHTTPDate(secondsSince1970: second)
        bytes.append("\r\n")
    }
}
