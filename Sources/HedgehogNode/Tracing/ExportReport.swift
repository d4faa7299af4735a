internal import Observability
internal import Reactor

/// What the log says of exporting: at most one line a minute of each kind, with how many spans were lost since the one
/// before it. Loop-bound.
final class ExportReport {
    private let log: NodeLog
    private let destination: String
    private let loop: EventLoop
    private var throttle = LogRateLimiter<String>()
    private var lostSinceLine = 0

    init(log: NodeLog, destination: String, loop: EventLoop) {
        self.log = log
        self.destination = destination
        self.loop = loop
    }

    func lost(_ spans: Int) { lostSinceLine += spans }

    var hasUntoldLosses: Bool { lostSinceLine > 0 }

    func failed(_ sentence: String) {
        guard throttle.admit("failed", nowMilliseconds: loop.nowMilliseconds) != nil else { return }
        log.warn("spans come late or are lost; requests are not affected", [
            LogField("collector", .text(destination)),
            LogField("reason", .text(sentence)),
            LogField("spans_lost", .integer(lostSinceLine)),
        ])
        lostSinceLine = 0
    }

    /// `spans` is 0 when the collector had only something to say.
    func rejected(_ spans: Int, _ message: String) {
        guard throttle.admit("rejected", nowMilliseconds: loop.nowMilliseconds) != nil else { return }
        log.warn(spans > 0 ? "the collector rejected spans" : "the collector has an advice", [
            LogField("collector", .text(destination)),
            LogField("rejected", .integer(spans)),
            LogField("message", .text(message)),
        ])
    }
}
