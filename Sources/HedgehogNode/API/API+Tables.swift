internal import Base
internal import Cluster
internal import HTTP
internal import HTTPServer
internal import Observability
internal import Reactor
internal import Storage

// The routes that list, create and count tables, and what creation and deletion share.
extension API {
    func handleTables(_ exchange: Exchange, _ context: RequestContext) throws(Failure) {
        switch (context.route, exchange.head.method) {
        case (.tables, .post): try create(exchange)
        case (.tables, _): try list(exchange)
        case (.table(let name), .delete): try deleteTable(exchange, try table(name, exchange, context))
        case (.table(let name), _): describe(exchange, try table(name, exchange, context))
        case (.tableCount(let name), _): count(exchange, try table(name, exchange, context))
        default: throw .noSuchPath
        }
    }

    private func list(_ exchange: Exchange) throws(Failure) {
        try requireCatalog()
        let trace = exchange.context.requestTrace
        let fanOut = TableFanOut(node.tables.all) { [member = node.member] table, answered in
            member.count(table, trace: trace, completion: answered)
        } completion: { tables in
            guard exchange.isOpen else { return }
            var body: [UInt8] = []
            body.append(#"{"tables":["#)
            for (index, (table, answer)) in tables.enumerated() {
                if index > 0 { body.append(",") }
                body.append("{")
                body.appendEntry(table, itemCount: answer.count?.live)
                body.append("}")
            }
            body.append("]}\n")
            exchange.answer(.ok, body)
        }
        fanOut.start()
    }

    private func describe(_ exchange: Exchange, _ table: LiveTable) {
        withCount(exchange, table) { [partitions = node.partitions] count in
            var body: [UInt8] = []
            body.append("{")
            body.appendEntry(table, itemCount: count.live)
            body.append(#","bytes":"#)
            body.appendDecimal(count.bytes)
            body.append(#","tombstones":"#)
            body.appendDecimal(count.tombstones)
            body.append(#","partitions":"#)
            body.appendDecimal(partitions)
            body.append("}\n")
            return body
        }
    }

    /// Counts without a scan: every replica stores the sums of its partitions, updated in the same batch as the items.
    private func count(_ exchange: Exchange, _ table: LiveTable) {
        withCount(exchange, table) { count in
            var body: [UInt8] = []
            body.append(#"{"count":"#)
            body.appendDecimal(count.live)
            body.append(#","exact":"#)
            body.append(count.isExact ? "true}\n" : "false}\n")
            return body
        }
    }

    private func withCount(_ exchange: Exchange, _ table: LiveTable, answer: @escaping (TableCount) -> [UInt8]) {
        node.member.count(table.state, trace: exchange.context.requestTrace) { [self] result in
            guard exchange.isOpen else { return }
            switch result {
            case .count(let count): exchange.answer(.ok, answer(count))
            case .noTable: exchange.fail(.noSuchTable(exchange.context.tableName))
            case .unavailable(let unavailable): exchange.fail(failure(unavailable, .read))
            }
        }
    }
}

extension Coordinator.CountAnswer {
    /// Nil if no count could be determined.
    fileprivate var count: TableCount? {
        if case .count(let count) = self { count } else { nil }
    }
}

extension API {
    private struct CreateTableBody: Decodable {
        let name: String
    }

    private func create(_ exchange: Exchange) throws(Failure) {
        let name = try tableName(takeBody(exchange))
        node.member.createTable(name, trace: exchange.context.requestTrace) { [self] answer in
            finishChange(exchange, name, answer, status: .created, "table created")
        }
    }

    func finishChange(
        _ exchange: Exchange, _ name: TableName, _ answer: Coordinator.TableAnswer, status: Status,
        _ message: StaticString
    ) {
        guard exchange.isOpen else { return }
        switch answer {
        case .noTable: exchange.fail(.noSuchTable(Array(name.description.utf8)))
        case .refused(let error): exchange.fail(.tableNotCreated(name, error))
        case .unavailable(let unavailable): exchange.fail(failure(unavailable, .write))
        case .done:
            var body: [UInt8] = []
            body.append(#"{"name":"#)
            body.appendJSONString(name.description)
            body.append(#","message":""#)
            body.append(message)
            body.append("\"}\n")
            exchange.answer(status, body)
        }
    }

    private func tableName(_ body: [UInt8]) throws(Failure) -> TableName {
        let command = try CreateTableBody(
            jsonBody: body, required: #""name" that is a string; an example is {"name":"users"}"#)
        let name = Array(command.name.utf8)
        if name.isDotSegment { throw .dotSegment("table name", name) }
        do {
            return try TableName(validating: name)
        } catch {
            throw .badTableName(error)
        }
    }
}

extension Array where Element == UInt8 {
    fileprivate mutating func appendEntry(_ table: LiveTable, itemCount: Int?) {
        append(#""name":"#)
        appendJSONString(table.state.name.description)
        append(#","created_at":""#)
        appendTimestamp(wallNanoseconds: table.state.createdAtMilliseconds * 1_000_000)
        append(#"","item_count":"#)
        appendSigned(itemCount ?? -1)
    }
}

extension Array where Element == UInt8 {
    mutating func appendSigned(_ value: Int) {
        if value < 0 { append("-") }
        appendDecimal(Int(value.magnitude))
    }
}
