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
            exchange.answer(.ok, JSONWriter.line {
                $0.array("tables", tables) { json, entry in
                    json.object { $0.entry(entry.0, itemCount: entry.1.count?.live) }
                }
            })
        }
        fanOut.start()
    }

    private func describe(_ exchange: Exchange, _ table: LiveTable) {
        withCount(exchange, table) { [partitions = node.partitions] count in
            JSONWriter.line {
                $0.entry(table, itemCount: count.live)
                $0.member("bytes", count.bytes)
                $0.member("tombstones", count.tombstones)
                $0.member("partitions", partitions)
            }
        }
    }

    /// Answers with the number of items of a table. Nothing is scanned: every replica stores the item counts of its
    /// partitions, updated in the same batch as the items.
    private func count(_ exchange: Exchange, _ table: LiveTable) {
        withCount(exchange, table) { count in
            JSONWriter.line {
                $0.member("count", count.live)
                $0.member("exact", count.isExact)
            }
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
    /// The number of items that the replicas reported; nil if no count could be determined.
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
            exchange.answer(status, JSONWriter.line {
                $0.member("name", name.description)
                $0.member("message") { $0.plain { $0.append(message) } }
            })
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

extension JSONWriter {
    /// Writes the JSON members that describe a table; an unknown number of items is -1.
    fileprivate mutating func entry(_ table: LiveTable, itemCount: Int?) {
        member("name", table.state.name.description)
        member("created_at") {
            $0.plain { $0.appendTimestamp(wallNanoseconds: table.state.createdAtMilliseconds * 1_000_000) }
        }
        member("item_count", itemCount ?? -1)
    }
}
