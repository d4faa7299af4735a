internal import Base
internal import HTTP
internal import Reactor

/// The Date field, made once a second for all connections of a server.
struct DateLine {
    private var bytes: [UInt8] = []
    private var madeAtSecond: UInt64 = 0
    private var checkedAtMilliseconds: UInt64?

    /// Looks at the wall clock at most every 100 ms of the loop's.
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
