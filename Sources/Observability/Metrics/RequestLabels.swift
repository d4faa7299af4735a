// The label values of a request. All closed sets: nothing a client sends becomes a label.

/// What a request asked for, as metrics, logs and later spans call it.
package enum RequestOperation: Int, CaseIterable, Sendable {
    case listTables, createTable, deleteTable
    case getItem, putItem, deleteItem, scanItems, tableCount
    case health, metrics, cluster, debug
    case replicate, gossip, antiEntropy
    /// OPTIONS.
    case preflight
    /// No such route.
    case unknown
    /// The bytes were no HTTP.
    case invalid

    package var label: String {
        switch self {
        case .listTables: "list_tables"
        case .createTable: "create_table"
        case .deleteTable: "delete_table"
        case .getItem: "get_item"
        case .putItem: "put_item"
        case .deleteItem: "delete_item"
        case .scanItems: "scan_items"
        case .tableCount: "table_count"
        case .health: "health"
        case .metrics: "metrics"
        case .cluster: "cluster"
        case .debug: "debug"
        case .replicate: "replicate"
        case .gossip: "gossip"
        case .antiEntropy: "anti_entropy"
        case .preflight: "preflight"
        case .unknown: "unknown"
        case .invalid: "invalid"
        }
    }

    /// Members speak in messages of many operations, which `hedgehog_replication_*` counts one by one; as requests
    /// they would drown those of clients, so they are not counted, and not logged one by one.
    package var isBetweenNodes: Bool {
        switch self {
        case .replicate, .gossip, .antiEntropy: true
        default: false
        }
    }

    /// The method that nearly all requests of this operation have: their series exist before the first of them.
    var usualMethod: RequestMethod {
        switch self {
        case .createTable, .replicate, .gossip, .antiEntropy: .post
        case .putItem: .put
        case .deleteTable, .deleteItem: .delete
        case .preflight: .options
        case .invalid: .other
        default: .get
        }
    }

    var item: ItemOperation? {
        switch self {
        case .getItem: .get
        case .putItem: .put
        case .deleteItem: .delete
        default: nil
        }
    }
}

package enum RequestMethod: Int, CaseIterable, Sendable {
    case get, head, put, post, delete, options, patch, other

    package var label: String {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .put: "PUT"
        case .post: "POST"
        case .delete: "DELETE"
        case .options: "OPTIONS"
        case .patch: "PATCH"
        case .other: "other"
        }
    }
}

enum StatusClass: Int, CaseIterable {
    case informational, success, redirection, clientError, serverError

    /// A code outside 100 to 499 counts as a server error: it can only come from a bug of ours.
    init(code: Int) {
        self = 100..<500 ~= code ? StatusClass.allCases[code / 100 - 1] : .serverError
    }

    var label: String {
        switch self {
        case .informational: "1xx"
        case .success: "2xx"
        case .redirection: "3xx"
        case .clientError: "4xx"
        case .serverError: "5xx"
        }
    }

    /// Those whose series exist from the first scrape, so that a ratio of errors never divides by nothing.
    static let expected: [StatusClass] = [.success, .clientError, .serverError]
}

enum ItemOperation: Int, CaseIterable {
    case get, put, delete

    var label: String {
        switch self {
        case .get: "get"
        case .put: "put"
        case .delete: "delete"
        }
    }
}

/// Why a request was refused before anybody looked at what it asked for.
package enum RejectionReason: Int, CaseIterable, Sendable {
    /// The bytes were no HTTP that we take.
    case malformed
    /// Target, head or body beyond its limit.
    case tooLarge
    /// PUT or POST without a length.
    case lengthRequired
    /// A version, a transfer coding or an expectation that we do not know.
    case unsupported
    /// It did not arrive in time.
    case timedOut
    /// Too many connections are open.
    case overloaded
    /// The bodies that are arriving take as much memory as they may.
    case crowded

    package var label: String {
        switch self {
        case .malformed: "malformed"
        case .tooLarge: "too_large"
        case .lengthRequired: "length_required"
        case .unsupported: "unsupported"
        case .timedOut: "timed_out"
        case .overloaded: "overloaded"
        case .crowded: "crowded"
        }
    }
}

/// Why a request was answered 503 to keep the node alive.
package enum ShedReason: Int, CaseIterable, Sendable {
    /// Too much waits for the disk.
    case queueFull
    /// Too many connections, or too much in bodies that are arriving.
    case crowded
    /// The node is going away.
    case draining
    /// Too much waits for the worker threads.
    case workers

    package var label: String {
        switch self {
        case .queueFull: "queue_full"
        case .crowded: "crowded"
        case .draining: "draining"
        case .workers: "workers"
        }
    }
}
