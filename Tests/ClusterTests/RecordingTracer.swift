@testable import Cluster

/// Records spans, their events and links. Traps when a span ends twice or before it has begun.
final class RecordingTracer: ClusterTracer {
    struct RecordedSpan {
        let id: UInt64
        let cause: RequestTrace
        let name: String
        fileprivate(set) var end: ClusterWorkEnd?
    }

    /// The spans in the order in which they began.
    private(set) var spans: [RecordedSpan] = []
    private(set) var events: [(ClusterMoment, in: UInt64)] = []
    private(set) var links: [[RequestTrace]] = []
    private let node: UInt64

    /// `node` makes the span ids of several tracers distinct.
    init(node: UInt64) { self.node = node }

    func began(_ work: ClusterWork, parent: RequestTrace) -> RequestTrace {
        begin(Self.name(of: work), parent)
    }

    func beganReplay(to target: MemberIndex, of writes: [RequestTrace]) -> RequestTrace {
        links.append(writes)
        let trace = RequestTrace(
            requestID: [], traceHigh: 77, traceLow: node << 32 | UInt64(links.count), spanID: 0, traceFlags: 1)
        return begin("replay to \(target)", trace)
    }

    func noted(_ moment: ClusterMoment, in work: RequestTrace) {
        precondition(spans.contains { $0.id == work.spanID }, "an event of a span that has not begun")
        events.append((moment, in: work.spanID))
    }

    func ended(_ work: RequestTrace, _ end: ClusterWorkEnd) {
        guard let index = spans.firstIndex(where: { $0.id == work.spanID }) else {
            preconditionFailure("a span ended that had not begun here")
        }
        precondition(spans[index].end == nil, "\(spans[index].name) ended twice")
        spans[index].end = end
    }

    var unfinished: [String] { spans.filter { $0.end == nil }.map(\.name) }

    private func begin(_ name: String, _ cause: RequestTrace) -> RequestTrace {
        let id = node << 32 | UInt64(spans.count + 1)
        spans.append(RecordedSpan(id: id, cause: cause, name: name))
        return cause.under(spanID: id)
    }

    private static func name(of work: ClusterWork) -> String {
        switch work {
        case .coordinate(let work): "\(work.kind) \(work.consistency)"
        case .call(let operation, let member): "call \(member) \(name(of: operation))"
        case .serve(let operation, let sender): "serve \(sender) \(name(of: operation))"
        case .readStore: "read"
        case .writeStore: "write"
        case .keepHint(let target): "hint \(target)"
        }
    }

    private static func name(of operation: PeerCall.Operation) -> String {
        switch operation {
        case .version: "version"
        case .get: "get"
        case .put: "put"
        case .repair: "repair"
        default: "other"
        }
    }
}
