internal import HTTP
internal import Reactor

/// The wait that a server requests with `Retry-After`, which is either a number of seconds or a date.
struct RetryAfter {
    let milliseconds: UInt64

    init?(_ text: String) {
        self.init(text, nowMilliseconds: EventLoop.wallMilliseconds())
    }

    /// Parses a `Retry-After` field. A date in the past gives a wait of 0; a number of seconds that is too large gives
    /// the longest wait. Nil for other text.
    init?(_ text: String, nowMilliseconds now: UInt64) {
        if let moment = UInt64(httpDate: Array(text.utf8).span) {
            milliseconds = moment * 1_000 > now ? moment * 1_000 - now : 0
            return
        }
        guard !text.isEmpty, text.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains) else { return nil }
        let (product, overflows) = (UInt64(text) ?? .max).multipliedReportingOverflow(by: 1_000)
        milliseconds = overflows ? .max : product
    }
}
