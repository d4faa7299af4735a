internal import Cluster
internal import Observability

// The names and attribute values of spans that describe the work of a coordinator or a replica. They come from fixed
// sets: none is text from a client.

extension ClusterWork {
    var spanName: String {
        switch self {
        case .coordinate(let work):
            switch work.kind {
            case .get: "coordinator.route_get"
            case .put: "coordinator.route_put"
            case .delete: "coordinator.route_delete"
            }
        case .call(let operation, _): "replicate " + operation.word
        case .serve: "replicate"
        case .readStore: "storage.get"
        case .writeStore: "storage.put"
        case .keepHint: "hint.store"
        }
    }

    var spanKind: SpanRecord.Kind {
        switch self {
        case .call: .client
        case .serve: .server
        case .coordinate, .readStore, .writeStore, .keepHint: .internal
        }
    }

    /// Whether this work was caused by a span in another process: true only for serving a peer's call.
    var hasRemoteParent: Bool {
        if case .serve = self { true } else { false }
    }
}

extension PeerCall.Operation {
    var word: String {
        switch self {
        case .version: "version"
        case .get: "get"
        case .put(_, _, let item): item.isTombstone ? "delete" : "put"
        case .repair: "repair"
        case .readTable: "read_table"
        case .writeTable: "write_table"
        case .page: "page"
        case .sums: "sums"
        case .readCatalog: "read_catalog"
        case .compare: "compare"
        case .leaves: "leaves"
        case .list: "list"
        case .promise: "promise"
        case .purge: "purge"
        }
    }

    var item: (TableState, ItemKey)? {
        switch self {
        case .version(let table, let key), .get(let table, let key), .put(let table, let key, _),
            .repair(let table, let key, _):
            (table, key)
        default: nil
        }
    }
}

extension PeerAnswer {
    var word: String {
        switch self {
        case .version, .item, .table, .page, .sums, .catalog, .roots, .leaves, .rows: "ok"
        case .stored: "stored"
        case .superseded: "superseded"
        case .tableDeleted: "table_deleted"
        case .recovering: "recovering"
        case .expired: "expired"
        case .overloaded: "overloaded"
        case .refused: "refused"
        case .failed: "failed"
        }
    }

    /// The error message of a peer's answer to a call, for the call's span; nil if the call succeeded. "The table is
    /// deleted" is a valid answer and no error.
    var problem: String? {
        switch self {
        case .recovering, .expired, .overloaded, .refused, .failed: explanation
        default: nil
        }
    }
}

extension PeerFailure {
    var word: String {
        switch self {
        case .refused: "connection_refused"
        case .unreachable: "unreachable"
        case .timedOut: "timeout"
        case .broken: "broken"
        case .rejected: "rejected"
        }
    }
}

extension Unavailable.Reason {
    var word: String {
        switch self {
        case .overloaded: "overloaded"
        case .diskFull: "disk_full"
        case .storage: "storage"
        case .timedOut: "timeout"
        case .tooFewReplicas: "too_few_replicas"
        case .partitionUnavailable: "partition_unavailable"
        case .shuttingDown: "shutting_down"
        case .clock: "clock"
        }
    }
}

extension WriteResult {
    var word: String {
        switch self {
        case .committed: "committed"
        case .superseded: "superseded"
        case .expired: "expired"
        case .tableDeleted: "table_deleted"
        case .refused(.queueFull): "queue_full"
        case .refused(.diskFull): "disk_full"
        case .refused(.inputOutput): "input_output"
        case .refused(.closing): "closing"
        case .refused(.hintBudget): "hint_budget"
        case .failed: "failed"
        }
    }

    var problem: String? {
        switch self {
        case .committed, .superseded, .expired, .tableDeleted: nil
        case .refused(.inputOutput(let message)), .failed(let message): message
        case .refused: ""
        }
    }
}
