internal import HTTP
internal import Observability

/// The resource that a path names. Table names and keys are ranges of the head's bytes, still percent-encoded; the
/// handlers decode them.
enum Route {
    case root
    case health, live, ready
    case metrics, serviceDiscovery
    case tables
    case table(Range<Int>)
    case tableCount(Range<Int>)
    case items(Range<Int>)
    case item(table: Range<Int>, key: Range<Int>)
    case clusterStatus, clusterNodes, clusterTableCounts
    case replicaNodes, replicationBacklog
    /// The most recent spans of this node.
    case traces
    case replayHints(node: Range<Int>)
    /// The routes to which other nodes send operations and heartbeats.
    case replicate, gossip
    /// The routes for an operator's commands to one node.
    case abortBootstrap, acceptDataLoss
    /// Routes that would change the members of a running cluster, which this version does not support.
    case membership
    /// No such path.
    case unknown

    init(_ head: RequestHead) {
        guard let segments = PathSegments(of: head.path, in: head.bytes), !segments.hasEmptySegment,
            segments.count <= PathSegments.capacity
        else {
            self = .unknown
            return
        }
        let path = Path(head: head, segments: segments)
        self = path.count == 0 ? .root : path.topLevel ?? path.underAPI ?? .unknown
    }

    /// The HTTP methods that the route accepts besides OPTIONS, in the order of the `Allow` field.
    var methods: [Method] {
        switch self {
        case .root, .health, .live, .ready, .metrics, .serviceDiscovery, .tableCount, .items, .clusterStatus,
            .clusterNodes, .clusterTableCounts, .replicaNodes, .replicationBacklog, .traces, .unknown:
            [.get, .head]
        case .tables: [.get, .head, .post]
        case .table: [.get, .head, .delete]
        case .item: [.get, .head, .put, .delete]
        case .replayHints, .replicate, .gossip, .abortBootstrap, .acceptDataLoss: [.post]
        case .membership: [.post, .delete]
        }
    }

    /// The methods that the `Allow` field lists: the route's own and OPTIONS. An unknown path has only OPTIONS, and an
    /// internal one has no OPTIONS.
    var allowedMethods: [Method] {
        if case .unknown = self { return [.options] }
        return isInternal ? methods : methods + [.options]
    }

    func operation(_ method: Method) -> RequestOperation {
        switch self {
        case .root, .health, .live, .ready: .health
        case .metrics, .serviceDiscovery: .metrics
        case .tables: method == .post ? .createTable : .listTables
        case .table: method == .delete ? .deleteTable : .tableCount
        case .tableCount: .tableCount
        case .items: .scanItems
        case .item: itemOperation(method)
        case .clusterStatus, .clusterNodes, .clusterTableCounts, .membership, .abortBootstrap, .acceptDataLoss:
            .cluster
        case .replicate: .replicate
        case .gossip: .gossip
        case .replicaNodes, .replicationBacklog, .replayHints, .traces: .debug
        case .unknown: .unknown
        }
    }

    /// The path with placeholders, as in docs/api.md, the same for all tables and keys; nil for an unknown path.
    var template: String? {
        switch self {
        case .root: "/"
        case .health: "/api/v1/health"
        case .live: "/livez"
        case .ready: "/readyz"
        case .metrics: "/metrics"
        case .serviceDiscovery: "/sd/prometheus"
        case .tables: "/api/v1/tables"
        case .table: "/api/v1/tables/{name}"
        case .tableCount: "/api/v1/tables/{name}/count"
        case .items: "/api/v1/tables/{name}/items"
        case .item: "/api/v1/tables/{name}/items/{key}"
        case .clusterStatus: "/api/v1/cluster/status"
        case .clusterNodes, .membership: "/api/v1/cluster/nodes"
        case .clusterTableCounts: "/api/v1/cluster/table-counts"
        case .replicaNodes: "/api/v1/debug/replica-nodes"
        case .replicationBacklog: "/api/v1/debug/replication-backlog"
        case .traces: "/api/v1/debug/traces"
        case .replayHints: "/api/v1/debug/replay-hints/{node}"
        case .replicate: "/internal/v1/replicate"
        case .gossip: "/internal/v1/gossip"
        case .abortBootstrap: "/internal/v1/admin/abandon-formation"
        case .acceptDataLoss: "/internal/v1/admin/accept-data-loss"
        case .unknown: nil
        }
    }

    /// Whether the route is served only after the cluster's bootstrap.
    var needsCluster: Bool {
        switch self {
        case .tables, .table, .tableCount, .items, .item, .clusterTableCounts, .replicaNodes, .replicationBacklog,
            .replayHints:
            true
        default: false
        }
    }

    /// Whether health checkers and scrapers request the route at regular intervals.
    var isProbe: Bool {
        switch self {
        case .health, .live, .ready, .metrics, .serviceDiscovery: true
        default: false
        }
    }

    /// Whether the route is for other nodes and `hedgehogctl` only, so that pages in browsers are refused.
    var isInternal: Bool {
        switch self {
        case .replicate, .gossip, .abortBootstrap, .acceptDataLoss: true
        default: false
        }
    }

    private func itemOperation(_ method: Method) -> RequestOperation {
        switch method {
        case .put: .putItem
        case .delete: .deleteItem
        default: .getItem
        }
    }
}

/// The path of a request, split at its slashes.
private struct Path {
    let head: RequestHead
    let segments: PathSegments

    var count: Int { segments.count }

    func matches(_ index: Int, _ text: StaticString) -> Bool {
        index < count && head.matches(segments[index], text)
    }

    var topLevel: Route? {
        guard !segments.hasTrailingSlash else { return nil }
        switch count {
        case 1 where matches(0, "livez"): return .live
        case 1 where matches(0, "readyz"): return .ready
        case 1 where matches(0, "metrics"): return .metrics
        case 2 where matches(0, "sd") && matches(1, "prometheus"): return .serviceDiscovery
        default: return underInternal
        }
    }

    private var underInternal: Route? {
        guard matches(0, "internal"), matches(1, "v1") else { return nil }
        switch count {
        case 3 where matches(2, "replicate"): return .replicate
        case 3 where matches(2, "gossip"): return .gossip
        case 4 where matches(2, "admin") && matches(3, "abandon-formation"): return .abortBootstrap
        case 4 where matches(2, "admin") && matches(3, "accept-data-loss"): return .acceptDataLoss
        default: return nil
        }
    }

    var underAPI: Route? {
        guard count >= 3, matches(0, "api"), matches(1, "v1") else { return nil }
        if matches(2, "tables") { return underTables(from: 2) }
        if matches(2, "cluster") { return underCluster }
        guard !segments.hasTrailingSlash else { return nil }
        switch count {
        case 3 where matches(2, "health"): return .health
        case 3 where matches(2, "metrics"): return .metrics
        case 4...5 where matches(2, "debug"): return underDebug
        default: return nil
        }
    }

    private var underDebug: Route? {
        switch count {
        case 4 where matches(3, "replica-nodes"): return .replicaNodes
        case 4 where matches(3, "replication-backlog"): return .replicationBacklog
        case 4 where matches(3, "traces"): return .traces
        case 5 where matches(3, "replay-hints"): return .replayHints(node: segments[4])
        default: return nil
        }
    }

    /// A trailing slash is ignored after a collection. After an item it would be an empty key or part of the key, so it
    /// makes the path unknown.
    private func underTables(from start: Int) -> Route? {
        let isCollection = !segments.hasTrailingSlash
        switch count - start {
        case 1: return .tables
        case 2 where isCollection: return .table(segments[start + 1])
        case 3 where matches(start + 2, "count") && isCollection: return .tableCount(segments[start + 1])
        case 3 where matches(start + 2, "items"): return .items(segments[start + 1])
        case 4 where matches(start + 2, "items") && isCollection:
            return .item(table: segments[start + 1], key: segments[start + 3])
        default: return nil
        }
    }

    private var underCluster: Route? {
        switch count {
        case 4 where matches(3, "status"): return .clusterStatus
        case 4 where matches(3, "nodes") && [.post, .delete].contains(head.method): return .membership
        case 4 where matches(3, "nodes"): return .clusterNodes
        case 5 where matches(3, "nodes"): return .membership
        case 4 where matches(3, "table-counts"): return .clusterTableCounts
        case 6 where matches(3, "tables") && matches(5, "items"): return .items(segments[4])
        default: return nil
        }
    }
}
