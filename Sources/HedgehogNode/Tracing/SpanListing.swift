internal import Base
internal import Cluster
internal import Observability

/// The response of `/api/v1/debug/traces`: spans that this node stores, for `hedgehogctl trace`.
struct SpanListing: Sendable {
    let nodeID: NodeID
    let spans: [SpanRecord]
    /// Whether more spans match the query than its limit, so that this list is incomplete.
    let isCut: Bool
    /// The number of spans of all traces that the node stores now, and its maximum.
    let held: Int
    let capacity: Int
    let oldestEndNanoseconds: UInt64?
    let maximumTracesPerSecond: Int

    var body: [UInt8] {
        var json = JSONWriter()
        json.object {
            $0.member("node_id", nodeID.description)
            $0.array("spans", spans) { $0.span($1, .listing) }
            $0.member("cut", isCut)
            $0.member("held", held)
            $0.member("capacity", capacity)
            $0.member("oldest") { json in
                guard let oldestEndNanoseconds else { return json.null() }
                json.plain { $0.appendTimestamp(wallNanoseconds: oldestEndNanoseconds) }
            }
            $0.member("max_traces_per_second", maximumTracesPerSecond)
        }
        json.bytes.append("\n")
        return json.bytes
    }
}
