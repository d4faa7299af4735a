internal import Cluster

/// Checks the spans that one process records: each span that begins ends exactly once in the same process, unless the
/// process is killed before. A violation fails the run.
final class SpanChecker: ClusterTracer {
    private let node: NodeID
    private let checker: InvariantChecker
    private var begun: UInt64 = 0
    private var open: [UInt64: String] = [:]

    init(_ node: NodeID, _ checker: InvariantChecker) {
        self.node = node
        self.checker = checker
    }

    /// Descriptions of the spans that are still open, sorted.
    var unfinished: [String] { open.values.sorted() }

    func began(_ work: ClusterWork, parent: RequestTrace) -> RequestTrace { begin("\(work)", parent) }

    func beganReplay(to target: MemberIndex, of writes: [RequestTrace]) -> RequestTrace {
        if writes.isEmpty { checker.fail("\(node) began a hint replay span without any write") }
        return begin(
            "hint replay to member \(target)",
            RequestTrace(requestID: [], traceHigh: 2, traceLow: 1, spanID: 1, traceFlags: 1))
    }

    func noted(_ moment: ClusterMoment, in work: RequestTrace) {
        if work.spanID > begun { checker.fail("\(node) recorded \(moment) in a span that never began") }
    }

    func ended(_ work: RequestTrace, _ end: ClusterWorkEnd) {
        if open.removeValue(forKey: work.spanID) == nil {
            checker.fail("\(node) ended a span that is not open: \(end)")
        }
    }

    private func begin(_ description: String, _ parent: RequestTrace) -> RequestTrace {
        if !parent.isRecorded { checker.fail("\(node) recorded a span for a request that is not sampled") }
        begun += 1
        open[begun] = description
        return parent.under(spanID: begun)
    }
}
