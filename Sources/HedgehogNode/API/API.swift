internal import Base
internal import Cluster
internal import HTTP
internal import HTTPServer
internal import Observability
internal import Reactor
internal import Storage

/// The HTTP API of one node: finds the route of each request, checks it, and calls the handler in the file that is
/// named after the resource. Parsing requests and sending answers in order is the server's task. Loop thread only.
final class API: RequestHandler {
    let node: NodeServices
    private let scrapes: ScrapeQueue
    private var random: IdentifierGenerator
    private let observer: RequestObserver
    private let spans: RequestSpans

    init(node: NodeServices, observer: RequestObserver, spans: RequestSpans) {
        self.node = node
        self.observer = observer
        self.spans = spans
        scrapes = ScrapeQueue(ScrapeMetrics(registry: node.registry))
        var system = SystemRandomNumberGenerator()
        random = IdentifierGenerator(seededBy: &system)
    }

    func maximumBodyBytes(for head: RequestHead) -> Int {
        if head.framing == .none { return 0 }
        switch Route(head) {
        case .item: return node.configuration.maximumItemBytes
        case .replicate, .gossip: return TransportLimits.messageBytes
        default: return Self.maximumCommandBytes
        }
    }

    func handle(_ exchange: Exchange) {
        let route = Route(exchange.head)
        let context = begin(exchange, route: route)
        do {
            if exchange.head.method == .options, !route.isInternal { return answerPreflight(exchange, route) }
            try requireMethod(exchange.head.method, of: route)
            try requireCluster(of: route)
            try dispatch(exchange, context)
        } catch {
            exchange.fail(error)
        }
    }

    func refuse(_ exchange: Exchange, _ rejection: Rejection) {
        if rejection.leavesRouteKnown {
            begin(exchange, route: Route(exchange.head))
        } else {
            begin(exchange, route: .unknown, as: .invalid)
        }
        observer.rejected(rejection)
        exchange.fail(.rejected(rejection))
    }

    func exchangeDidFinish(_ exchange: Exchange) {
        observer.finished(exchange)
    }

    /// The largest body of a command, such as the creation of a table.
    private static let maximumCommandBytes = 64 * 1024

    @discardableResult
    private func begin(_ exchange: Exchange, route: Route, as known: RequestOperation? = nil) -> RequestContext {
        let identity = RequestIdentity(
            of: exchange.head, readsTrace: node.configuration.tracing.readsTraceContext, using: &random)
        let method = exchange.head.method
        let context = RequestContext(
            identity: identity, method: RequestMethod(of: exchange.head), route: route,
            operation: known ?? (method == .options ? .preflight : route.operation(method)))
        context.span = spans.begin(exchange, identity.trace, route: route, operation: context.operation)
        exchange.attachment = context
        return context
    }

    private func requireMethod(_ method: Method, of route: Route) throws(Failure) {
        if case .unknown = route { throw .noSuchPath }
        guard route.methods.contains(method) else {
            throw .methodNotAllowed(route.allowedMethods)
        }
    }

    private func requireCluster(of route: Route) throws(Failure) {
        if route.needsCluster, node.member.record == nil { throw .notBootstrapped(node.clusterProblem) }
    }

    private func dispatch(_ exchange: Exchange, _ context: RequestContext) throws(Failure) {
        switch context.route {
        case .item(let table, let key): try handleItem(exchange, context, table: table, key: key)
        case .items(let table): try handleScan(exchange, context, table: table)
        case .tables, .table, .tableCount: try handleTables(exchange, context)
        case .root, .health, .live, .ready: handleHealth(exchange, context)
        case .metrics: try handleMetrics(exchange, scrapes)
        case .serviceDiscovery, .clusterStatus, .clusterNodes, .clusterTableCounts, .replicaNodes:
            try handleCluster(exchange, context)
        case .replicationBacklog, .replayHints: try handleHints(exchange, context)
        case .traces: try handleTraces(exchange)
        case .replicate, .gossip, .abortBootstrap, .acceptDataLoss: try handleInternal(exchange, context)
        case .membership: throw .membershipChange
        case .unknown: throw .noSuchPath
        }
    }

    /// Answers OPTIONS, also as a CORS preflight, with the methods of the path, or of all paths for `*`.
    private func answerPreflight(_ exchange: Exchange, _ route: Route) {
        let isServerWide = exchange.head.matches(exchange.head.path, "*")
        let methods: [Method] =
            isServerWide ? [.get, .head, .put, .post, .delete, .options] : route.allowedMethods
        exchange.answer(.noContent, []) { fields in
            fields.appendList("Allow", of: methods)
            fields.appendList("Access-Control-Allow-Methods", of: methods)
            fields.append(
                "Access-Control-Allow-Headers: Content-Type, If-Match, If-None-Match, X-Consistency, X-Request-ID, "
            )
            fields.append("X-Trace-ID, traceparent, tracestate\r\nAccess-Control-Max-Age: 86400\r\n")
        }
    }

    /// Finds the table that a percent-encoded path segment names, and stores it in `context`.
    func table(_ segment: Range<Int>, _ exchange: Exchange, _ context: RequestContext) throws(Failure) -> LiveTable {
        let name = try decode(segment, exchange.head, "table name")
        guard let table = node.tables[name] else {
            if name.isDotSegment { throw .dotSegment("table name", name) }
            if let invalid = invalidTableName(name) { throw .badTableName(invalid) }
            try requireCatalog()
            throw .noSuchTable(name)
        }
        context.table = table
        return table
    }

    /// Throws if this node has not yet received the table catalog from its peers, so that a table which it does not
    /// know may still exist.
    func requireCatalog() throws(Failure) {
        if !node.member.knowsCatalog { throw .catalogUnknown }
    }

    func failure(_ unavailable: Unavailable, _ quorum: Failure.Quorum) -> Failure {
        .unavailable(unavailable, quorum, missing: node.member.missingMembers)
    }

    func decode(_ range: Range<Int>, _ head: RequestHead, _ what: String) throws(Failure) -> [UInt8] {
        do {
            return try percentDecode(head.bytes.span.extracting(range))
        } catch {
            throw .badEncoding(what)
        }
    }

    /// Moves the body of the request out of the exchange, which keeps an empty one.
    func takeBody(_ exchange: Exchange) -> [UInt8] {
        var body: [UInt8] = []
        swap(&body, &exchange.body)
        return body
    }

    func query(_ head: RequestHead) throws(Failure) -> Query {
        do {
            return try Query(head.query, in: head.bytes)
        } catch {
            throw .badEncoding("query")
        }
    }

    private func invalidTableName(_ name: [UInt8]) -> NameError? {
        do {
            _ = try TableName(validating: name)
            return nil
        } catch {
            return error
        }
    }
}

extension Rejection {
    /// Whether the server had parsed a valid request head before it rejected the request, so that the request is
    /// counted under its route.
    fileprivate var leavesRouteKnown: Bool {
        switch self {
        case .malformed(.framing(.bodyTooLarge)), .malformed(.framing(.lengthRequired)),
            .malformed(.field(.unknownExpectation)):
            true
        case .bodyTooSlow: true
        case .malformed, .timedOut, .overloaded, .bodyBudgetExceeded: false
        }
    }
}
