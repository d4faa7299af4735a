internal import Cluster

/// Spans as the judge sees them: every piece of recorded work that begins in a process ends there once, unless the
/// process dies of something else first.
final class WatchedWork: ClusterTracer {
    private let node: String
    private let watch: Watch
    private var begun: UInt64 = 0
    private var open: [UInt64: String] = [:]

    init(_ node: String, _ watch: Watch) {
        self.node = node
        self.watch = watch
    }

    /// What began and has not ended, in words.
    var unfinished: [String] { open.values.sorted() }

    func began(_ work: ClusterWork, parent: RequestTrace) -> RequestTrace { begin("\(work)", parent) }

    func beganReplay(to target: Int, of writes: [RequestTrace]) -> RequestTrace {
        if writes.isEmpty { watch.fail("\(node) began the replay of no write") }
        return begin(
            "replay to \(target)", RequestTrace(requestID: [], traceHigh: 2, traceLow: 1, spanID: 1, traceFlags: 1))
    }

    func noted(_ moment: ClusterMoment, in work: RequestTrace) {
        if work.spanID > begun { watch.fail("\(node) noted \(moment) in work that never began") }
    }

    func ended(_ work: RequestTrace, _ end: ClusterWorkEnd) {
        if open.removeValue(forKey: work.spanID) == nil { watch.fail("\(node) ended work that was not open: \(end)") }
    }

    private func begin(_ words: String, _ parent: RequestTrace) -> RequestTrace {
        if !parent.isRecorded { watch.fail("\(node) recorded work for a request that is not recorded") }
        begun += 1
        open[begun] = words
        return parent.under(spanID: begun)
    }
}
