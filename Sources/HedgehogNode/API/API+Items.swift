internal import Base
internal import Cluster
internal import HTTP
internal import HTTPServer
internal import Observability
internal import Reactor

// The handlers that read, write and delete one item.
extension API {
    func handleItem(
        _ exchange: Exchange, _ context: RequestContext, table: Range<Int>, key: Range<Int>
    ) throws(Failure) {
        let consistency = try consistency(exchange.head)
        let table = try self.table(table, exchange, context)
        let request = ItemRequest(exchange, table.state, try itemKey(key, exchange.head), consistency)
        switch exchange.head.method {
        case .put: try put(request)
        case .delete: try delete(request)
        default: get(request)
        }
    }

    func itemKey(_ segment: Range<Int>, _ head: RequestHead) throws(Failure) -> ItemKey {
        let bytes = try decode(segment, head, "key")
        do {
            return try ItemKey(validating: bytes)
        } catch {
            throw .badKey(error)
        }
    }

    private func consistency(_ head: RequestHead) throws(Failure) -> Consistency {
        if head.query != nil {
            let query = try query(head)
            try query.requireOnly("consistency")
            if let given = try query.single("consistency") { return try consistency("consistency", given) }
        }
        switch head.values(of: .xConsistency) {
        case .absent: return .eventual
        case .single(let range): return try consistency("X-Consistency", Array(head.bytes[range]))
        case .repeated: throw .badParameter("X-Consistency", given: nil, allowed: "one value")
        }
    }

    private func consistency(_ name: String, _ given: [UInt8]) throws(Failure) -> Consistency {
        guard let consistency = Consistency(rawValue: String(repairing: given.span)) else {
            throw .badParameter(name, given: given, allowed: "strong or eventual")
        }
        return consistency
    }
}

/// The parsed arguments of one request for an item, and the exchange to answer.
private struct ItemRequest {
    let exchange: Exchange
    let table: TableState
    let key: ItemKey
    let consistency: Consistency
    /// The monotonic time at which the operation was passed to the cluster member, in nanoseconds.
    private var began = EventLoop.monotonicNanoseconds()

    init(_ exchange: Exchange, _ table: TableState, _ key: ItemKey, _ consistency: Consistency) {
        self.exchange = exchange
        self.table = table
        self.key = key
        self.consistency = consistency
    }

    var trace: RequestTrace { exchange.context.requestTrace }

    var elapsedNanoseconds: UInt64 { EventLoop.monotonicNanoseconds() - began }

    /// A copy of this write request whose duration is measured from now, because a worker thread had to check the body
    /// first.
    var restartedTimer: ItemRequest {
        var request = self
        request.began = EventLoop.monotonicNanoseconds()
        return request
    }
}

// Reads.
extension API {
    private func get(_ request: ItemRequest) {
        request.exchange.context.allowsRevalidation = request.consistency == .eventual
        let answer = node.member.get(
            table: request.table, key: request.key, consistency: request.consistency, trace: request.trace
        ) { [self] in finishGet(request, $0) }
        if let answer { finishGet(request, answer) }
    }

    private func finishGet(_ request: ItemRequest, _ answer: Coordinator.ReadAnswer) {
        count(.get, request, CoordinatorMetrics.Outcome(answer))
        let exchange = request.exchange
        guard exchange.isOpen else { return }
        switch answer {
        case .noItem: exchange.fail(.noSuchItem)
        case .noTable: exchange.fail(.noSuchTable(exchange.context.tableName))
        case .unavailable(let unavailable): exchange.fail(failure(unavailable, .read))
        case .found(let item):
            if exchange.head.ifNoneMatchLists(item.version) {
                exchange.answer(.notModified, []) { $0.appendETag(item.version) }
            } else {
                exchange.answer(.ok, body(request.key, item)) { $0.appendETag(item.version) }
            }
        }
    }

    /// The JSON body of the answer to a GET of an item: the key, then the bytes of the item as they were stored.
    private func body(_ key: ItemKey, _ item: StoredItem) -> [UInt8] {
        var body: [UInt8] = []
        body.reserveCapacity(key.bytes.count + item.value.count + 24)
        body.append(#"{"key":"#)
        body.appendJSONString(key.bytes)
        body.append(#","item":"#)
        body.append(contentsOf: item.value)
        body.append("}\n")
        return body
    }

    private func count(
        _ operation: ReceivedOperation.Kind, _ request: ItemRequest, _ outcome: CoordinatorMetrics.Outcome
    ) {
        node.recorder.coordinator.countRequest(
            operation, request.consistency, outcome, nanoseconds: request.elapsedNanoseconds)
    }
}

// Writes.
extension API {
    /// Request bodies above this size, in bytes, are checked for valid JSON on a worker thread, because the check would
    /// block the loop for too long.
    private static let largeBodyBytes = 64 * 1024

    private func put(_ request: ItemRequest) throws(Failure) {
        let exchange = request.exchange
        try rejectDotSegments(request)
        try rejectCondition(exchange.head)
        let body = takeBody(exchange)
        guard body.count > Self.largeBodyBytes else { return save(try Self.checked(body), request) }
        do {
            try node.workers.offload({ Result { () throws(Failure) in try Self.checked(body) } }) { [self] result in
                guard exchange.isOpen else { return }
                switch result {
                case .success(let value): save(value, request.restartedTimer)
                case .failure(let failure): exchange.fail(failure)
                }
            }
        } catch {
            throw .tooBusy
        }
    }

    private static func checked(_ body: [UInt8]) throws(Failure) -> [UInt8] {
        do {
            return try JSONObject.check(body)
        } catch {
            throw .badJSON(error)
        }
    }

    private func save(_ value: [UInt8], _ request: ItemRequest) {
        node.member.put(
            value, table: request.table, key: request.key, consistency: request.consistency, trace: request.trace
        ) { [self] answer in
            count(.put, request, CoordinatorMetrics.Outcome(answer))
            finishWrite(request, answer, message: "item saved")
        }
    }

    private func delete(_ request: ItemRequest) throws(Failure) {
        try rejectCondition(request.exchange.head)
        node.member.delete(
            table: request.table, key: request.key, consistency: request.consistency, trace: request.trace
        ) { [self] answer in
            count(.delete, request, CoordinatorMetrics.Outcome(answer))
            finishWrite(request, answer, message: "item deleted")
        }
    }

    private func finishWrite(_ request: ItemRequest, _ answer: Coordinator.WriteAnswer, message: StaticString) {
        let exchange = request.exchange
        guard exchange.isOpen else { return }
        switch answer {
        case .noItem: exchange.fail(.noSuchItem)
        case .noTable: exchange.fail(.noSuchTable(exchange.context.tableName))
        case .unavailable(let unavailable): exchange.fail(failure(unavailable, .write))
        case .done(let version):
            var body: [UInt8] = []
            body.append(#"{"key":"#)
            body.appendJSONString(request.key.bytes)
            body.append(#","message":""#)
            body.append(message)
            body.append("\"}\n")
            exchange.answer(.ok, body) { $0.appendETag(version) }
        }
    }

    /// Rejects a write whose table name or key is `.` or `..`. Older versions stored such items, and they can still be
    /// read and deleted, but a client that normalises the paths of its requests cannot reach them.
    private func rejectDotSegments(_ request: ItemRequest) throws(Failure) {
        let table = request.table.name.description.utf8
        if table.isDotSegment { throw .dotSegment("table name", Array(table)) }
        if request.key.bytes.isDotSegment { throw .dotSegment("key", request.key.bytes) }
    }

    private func rejectCondition(_ head: RequestHead) throws(Failure) {
        guard head.values(of: .ifMatch) == .absent, head.values(of: .ifNoneMatch) == .absent else {
            throw .conditionalWrite
        }
    }
}

extension CoordinatorMetrics.Outcome {
    fileprivate init(_ answer: Coordinator.ReadAnswer) {
        switch answer {
        case .found, .noItem, .noTable: self = .ok
        case .unavailable(let unavailable): self.init(unavailable)
        }
    }

    fileprivate init(_ answer: Coordinator.WriteAnswer) {
        switch answer {
        case .done, .noItem, .noTable: self = .ok
        case .unavailable(let unavailable): self.init(unavailable)
        }
    }

    private init(_ unavailable: Unavailable) {
        switch unavailable.reason {
        case .timedOut: self = .timeout
        case .tooFewReplicas, .partitionUnavailable: self = .quorumFailed
        case .overloaded, .diskFull, .storage, .shuttingDown, .clock: self = .unavailable
        }
    }
}

extension Collection<UInt8> {
    /// Whether these bytes are a segment that URL libraries remove from paths (RFC 3986, 5.2.4): `.` or `..`.
    var isDotSegment: Bool { (1...2).contains(count) && allSatisfy { $0 == UInt8(ascii: ".") } }
}
