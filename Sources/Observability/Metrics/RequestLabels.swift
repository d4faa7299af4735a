// The label values of HTTP requests. All sets are closed: no text from a client becomes a label value.

/// The operation that a request asks for, as named in metrics, logs and spans.
package enum RequestOperation: String, LabelValue {
    case listTables = "list_tables"
    case createTable = "create_table"
    case deleteTable = "delete_table"
    case getItem = "get_item"
    case putItem = "put_item"
    case deleteItem = "delete_item"
    case scanItems = "scan_items"
    case tableCount = "table_count"
    case health, metrics, cluster, debug
    case replicate, gossip
    /// An OPTIONS request.
    case preflight
    /// The request's path matches no route.
    case unknown
    /// The bytes were not an HTTP request.
    case invalid

    /// Whether other nodes send this request. Its message carries many operations, which `hedgehog_replication_*`
    /// counts one by one. Counted or logged as requests, these messages would outnumber the requests of clients.
    package var isBetweenNodes: Bool { self == .replicate || self == .gossip }

    /// The method of nearly all requests of this operation. Their series exist before the first request.
    var usualMethod: RequestMethod {
        switch self {
        case .createTable, .replicate, .gossip: .post
        case .putItem: .put
        case .deleteTable, .deleteItem: .delete
        case .preflight: .options
        case .invalid: .other
        default: .get
        }
    }

    /// The status code of a response that is not an error.
    var usualCode: Int {
        switch self {
        case .createTable: 201
        case .preflight: 204
        case .unknown: 404
        case .invalid: 400
        default: 200
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

package enum RequestMethod: String, LabelValue {
    case get = "GET"
    case head = "HEAD"
    case put = "PUT"
    case post = "POST"
    case delete = "DELETE"
    case options = "OPTIONS"
    case patch = "PATCH"
    case other
}

enum StatusClass: String, LabelValue {
    case informational = "1xx"
    case success = "2xx"
    case redirection = "3xx"
    case clientError = "4xx"
    case serverError = "5xx"
    /// A request for what this version does not support, such as a conditional write. It is not counted with the 5xx,
    /// because the node is not at fault, and a client that repeats it must not use up the error budget.
    case notImplemented = "501"

    /// A code outside 100 to 599 counts as a server error: only a bug of this program can produce one.
    @inline(__always)
    init(code: Int) {
        self = switch code {
        case 200..<300: .success
        case 100..<200: .informational
        case 300..<400: .redirection
        case 400..<500: .clientError
        case 501: .notImplemented
        default: .serverError
        }
    }

    /// The classes whose series exist from the first scrape on, so that an error ratio never divides by nothing.
    static let expected: [StatusClass] = [.success, .clientError, .serverError]
}

enum ItemOperation: String, LabelValue {
    case get, put, delete
}

/// The reason why the HTTP server refused a request before it was handled.
package enum RejectionReason: String, LabelValue {
    /// The bytes are not valid HTTP.
    case malformed
    /// The target, the head or the body exceeds its limit.
    case tooLarge = "too_large"
    /// A PUT or POST without a length.
    case lengthRequired = "length_required"
    /// An HTTP version, transfer coding or expectation that this server does not support.
    case unsupported
    /// The request did not arrive in time.
    case timedOut = "timed_out"
    /// Too many connections are open.
    case overloaded
    /// The request bodies that are arriving have reached their memory limit.
    case bodyMemoryFull = "crowded"
}

/// The reason for answering a request with 503 to protect the node.
package enum ShedReason: String, LabelValue {
    /// The queue of writes to the disk is full.
    case queueFull = "queue_full"
    /// Too many connections are open, or the request bodies that are arriving have reached their memory limit.
    case overloaded = "crowded"
    /// The node is shutting down.
    case draining
    /// The queue of the worker threads is full.
    case workers
}
