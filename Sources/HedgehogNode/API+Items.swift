internal import Base
internal import Cluster
internal import HTTP
internal import HTTPServer
internal import Observability
internal import Reactor

// GET, PUT and DELETE of one item.
extension API {
    func handleItem(
        _ exchange: Exchange, _ context: RequestContext, table: Range<Int>, key: Range<Int>
    ) throws(Failure) {
        // One replica holds every key here, so the two consistencies read and write alike; both are still checked.
        _ = try consistency(exchange.head)
        let table = try self.table(table, exchange, context)
        let key = try itemKey(key, exchange.head)
        switch exchange.head.method {
        case .put: try put(exchange, table, key)
        case .delete: try delete(exchange, table, key)
        default: get(exchange, table, key)
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

// Reading.
extension API {
    private func get(_ exchange: Exchange, _ table: Table, _ key: ItemKey) {
        let answer = node.coordinator.get(table: table.id, key: key) { [self] in finishGet(exchange, key, $0) }
        if let answer { finishGet(exchange, key, answer) }
    }

    private func finishGet(_ exchange: Exchange, _ key: ItemKey, _ answer: Coordinator.ReadAnswer) {
        guard exchange.isOpen else { return }
        switch answer {
        case .noItem: exchange.fail(.noSuchItem)
        case .unavailable(let unavailable): exchange.fail(.unavailable(unavailable))
        case .found(let item):
            if exchange.head.ifNoneMatchLists(item.version) {
                exchange.answer(.notModified, []) { $0.appendETag(item.version) }
            } else {
                exchange.answer(.ok, body(key, item)) { $0.appendETag(item.version) }
            }
        }
    }

    /// The stored bytes stand in the answer as they are; nothing re-serialises them.
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
}

// Writing.
extension API {
    /// From here on a body is judged by a worker: it would hold the loop for too long.
    private static let largeBodyBytes = 64 * 1024

    private func put(_ exchange: Exchange, _ table: Table, _ key: ItemKey) throws(Failure) {
        try refuseCondition(exchange.head)
        let body = takeBody(exchange)
        guard body.count > Self.largeBodyBytes else {
            return save(try Self.checked(body), exchange, table, key)
        }
        do {
            try node.workers.offload({ Result { () throws(Failure) in try Self.checked(body) } }) { [self] result in
                guard exchange.isOpen else { return }
                switch result {
                case .success(let value): save(value, exchange, table, key)
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

    private func save(_ value: [UInt8], _ exchange: Exchange, _ table: Table, _ key: ItemKey) {
        node.coordinator.put(value, table: table.id, key: key) { [self] answer in
            finishWrite(exchange, key, answer, message: "item saved")
        }
    }

    private func delete(_ exchange: Exchange, _ table: Table, _ key: ItemKey) throws(Failure) {
        try refuseCondition(exchange.head)
        node.coordinator.delete(table: table.id, key: key) { [self] answer in
            finishWrite(exchange, key, answer, message: "item deleted")
        }
    }

    private func finishWrite(
        _ exchange: Exchange, _ key: ItemKey, _ answer: Coordinator.WriteAnswer, message: StaticString
    ) {
        guard exchange.isOpen else { return }
        switch answer {
        case .noItem: exchange.fail(.noSuchItem)
        case .noTable: exchange.fail(.noSuchTable(exchange.context.tableName))
        case .unavailable(let unavailable): exchange.fail(.unavailable(unavailable))
        case .done(let version):
            var body: [UInt8] = []
            body.append(#"{"key":"#)
            body.appendJSONString(key.bytes)
            body.append(#","message":""#)
            body.append(message)
            body.append("\"}\n")
            exchange.answer(.ok, body) { $0.appendETag(version) }
        }
    }

    private func refuseCondition(_ head: RequestHead) throws(Failure) {
        guard head.values(of: .ifMatch) == .absent, head.values(of: .ifNoneMatch) == .absent else {
            throw .conditionalWrite
        }
    }
}
