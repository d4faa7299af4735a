// The label values of the metrics of HTTP requests. Each label has a fixed set of values: no text from a client becomes
// a label value.

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
    /// An HTTP OPTIONS request, such as the preflight request of a browser.
    case preflight
    /// The path of the request matches no route.
    case unknown
    /// The received bytes are not a valid HTTP request.
    case invalid

    /// Whether the requests of this operation are messages between nodes. Such a message carries many operations, which
    /// `hedgehog_replication_*` counts one by one. Counted or logged as HTTP requests, the messages would outnumber the
    /// requests of clients.
    package var isBetweenNodes: Bool { self == .replicate || self == .gossip }

    /// The HTTP method of nearly all requests of this operation. Series with this method are registered before the
    /// first request.
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

    /// The usual status code of this operation: that of success, or the error code of a request that has no route or is
    /// not HTTP.
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
    /// The client asked for what this version does not support, such as a conditional write. A 501 is not counted with
    /// the other 5xx codes, because the node is not at fault, and a client that repeats it must not use up the error
    /// budget.
    case notImplemented = "501"

    /// Returns the class of a status code. A code outside 100 to 599 counts as a server error: only a bug of this
    /// program can produce one.
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

    /// The status classes whose series exist from the first scrape on, so that an error ratio has a numerator and a
    /// denominator before the first error.
    static let expected: [StatusClass] = [.success, .clientError, .serverError]
}

enum ItemOperation: String, LabelValue {
    case get, put, delete
}

/// The reason why the HTTP server refused a request before it was handled.
package enum RejectionReason: String, LabelValue {
    /// The received bytes are not valid HTTP.
    case malformed
    /// The target, the head or the body of the request exceeds its size limit.
    case tooLarge = "too_large"
    /// A PUT or POST request does not give the length of its body.
    case lengthRequired = "length_required"
    /// The request has an HTTP version, transfer coding or expectation that this server does not support.
    case unsupported
    /// The head or the body of the request arrived too slowly.
    case timedOut = "timed_out"
    /// Too many connections are open.
    case overloaded
    /// The request bodies that are arriving have reached their memory limit.
    case bodyMemoryFull = "crowded"
}

/// The reason for answering a request with 503 to protect the node.
package enum ShedReason: String, LabelValue {
    /// The queue of writes for the commit thread is full.
    case queueFull = "queue_full"
    /// Too many connections are open, or the request bodies that are arriving have reached their memory limit.
    case overloaded = "crowded"
    /// The node is shutting down and refuses new requests.
    case draining
    /// The queue of the worker threads is full.
    case workers
}
