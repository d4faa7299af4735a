@testable import Cluster

/// Keeps what is said of recorded requests, and that each piece of work ends once and only after it has begun.
final class RecordingTracer: ClusterTracer {
    struct Work {
        let id: UInt64
        let cause: RequestTrace
        let words: String
        fileprivate(set) var end: ClusterWorkEnd?
    }

    /// In the order in which it began.
    private(set) var works: [Work] = []
    private(set) var moments: [(ClusterMoment, in: UInt64)] = []
    private(set) var links: [[RequestTrace]] = []
    private let node: UInt64

    /// `node` keeps the ids of several apart.
    init(node: UInt64) { self.node = node }

    func began(_ work: ClusterWork, parent: RequestTrace) -> RequestTrace {
        begin(Self.words(work), parent)
    }

    func beganReplay(to target: Int, of writes: [RequestTrace]) -> RequestTrace {
        links.append(writes)
        let trace = RequestTrace(
            requestID: [], traceHigh: 77, traceLow: node << 32 | UInt64(links.count), spanID: 0, traceFlags: 1)
        return begin("replay to \(target)", trace)
    }

    func noted(_ moment: ClusterMoment, in work: RequestTrace) {
        precondition(works.contains { $0.id == work.spanID }, "a moment of work that has not begun")
        moments.append((moment, in: work.spanID))
    }

    func ended(_ work: RequestTrace, _ end: ClusterWorkEnd) {
        guard let index = works.firstIndex(where: { $0.id == work.spanID }) else {
            preconditionFailure("work ended that had not begun here")
        }
        precondition(works[index].end == nil, "\(works[index].words) ended twice")
        works[index].end = end
    }

    var unfinished: [String] { works.filter { $0.end == nil }.map(\.words) }

    private func begin(_ words: String, _ cause: RequestTrace) -> RequestTrace {
        let id = node << 32 | UInt64(works.count + 1)
        works.append(Work(id: id, cause: cause, words: words))
        return cause.under(spanID: id)
    }

    private static func words(_ work: ClusterWork) -> String {
        switch work {
        case .coordinate(let work): "\(work.kind) \(work.consistency)"
        case .call(let operation, let member): "call \(member) \(word(operation))"
        case .serve(let operation, let sender): "serve \(sender) \(word(operation))"
        case .readStore: "read"
        case .writeStore: "write"
        case .keepHint(let target): "hint \(target)"
        }
    }

    private static func word(_ operation: PeerCall.Operation) -> String {
        switch operation {
        case .version: "version"
        case .get: "get"
        case .put: "put"
        case .repair: "repair"
        default: "other"
        }
    }
}
