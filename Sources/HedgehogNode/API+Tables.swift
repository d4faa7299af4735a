internal import Base
internal import Cluster
internal import HTTP
internal import HTTPServer
internal import Observability
internal import Reactor
internal import Storage
#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

// Tables: listing, creating, deleting, counting.
extension API {
    func handleTables(_ exchange: Exchange, _ context: RequestContext) throws(Failure) {
        switch (context.route, exchange.head.method) {
        case (.tables, .post): try create(exchange)
        case (.tables, _): list(exchange)
        case (.table(let name), .delete): try deleteTable(exchange, table(name, exchange, context))
        case (.table(let name), _): describe(exchange, try table(name, exchange, context))
        case (.tableCount(let name), _): count(exchange, try table(name, exchange, context))
        default: throw .noSuchPath
        }
    }

    private func list(_ exchange: Exchange) {
        var body: [UInt8] = []
        body.append(#"{"tables":["#)
        for (index, table) in node.tables.all.enumerated() {
            if index > 0 { body.append(",") }
            body.append("{")
            body.appendEntry(table, node.store.summary(of: table.id))
            body.append("}")
        }
        body.append("]}\n")
        exchange.answer(.ok, body)
    }

    private func describe(_ exchange: Exchange, _ table: Table) {
        let summary = node.store.summary(of: table.id)
        var body: [UInt8] = []
        body.append("{")
        body.appendEntry(table, summary)
        body.append(#","bytes":"#)
        body.appendDecimal(summary.bytes)
        body.append(#","tombstones":"#)
        body.appendDecimal(summary.tombstones)
        body.append(#","partitions":"#)
        body.appendDecimal(node.record.partitions)
        body.append("}\n")
        exchange.answer(.ok, body)
    }

    /// Exact without a scan: leaf records count every change in the batch that makes it. With one replica nothing
    /// can differ.
    private func count(_ exchange: Exchange, _ table: Table) {
        var body: [UInt8] = []
        body.append(#"{"count":"#)
        body.appendDecimal(node.store.summary(of: table.id).live)
        body.append(",\"exact\":true}\n")
        exchange.answer(.ok, body)
    }
}

extension API {
    private struct CreateTable: Decodable {
        let name: String
    }

    private func create(_ exchange: Exchange) throws(Failure) {
        let name = try tableName(takeBody(exchange))
        let state = try node.tables.beginCreating(name, nowMilliseconds: EventLoop.wallMilliseconds())
        change(exchange, state, status: .created, "table created")
    }

    private func deleteTable(_ exchange: Exchange, _ table: Table) throws(Failure) {
        let state = try node.tables.beginDeleting(table.state.name)
        change(exchange, state, status: .ok, "table deleted")
    }

    private func change(_ exchange: Exchange, _ state: TableState, status: Status, _ message: StaticString) {
        node.coordinator.change(state) { [self] result in
            node.tables.finish(
                state.name, stored: result == .committed ? state : nil,
                nowNanoseconds: EventLoop.monotonicNanoseconds())
        } completion: { answer in
            guard exchange.isOpen else { return }
            if case .unavailable(let unavailable) = answer { return exchange.fail(.unavailable(unavailable)) }
            var body: [UInt8] = []
            body.append(#"{"name":"#)
            body.appendJSONString(state.name.description)
            body.append(#","message":""#)
            body.append(message)
            body.append("\"}\n")
            exchange.answer(status, body)
        }
    }

    private func tableName(_ body: [UInt8]) throws(Failure) -> TableName {
        let object: [UInt8]
        do {
            object = try JSONObject.check(body)
        } catch {
            throw .badJSON(error)
        }
        guard let command = try? JSONDecoder().decode(CreateTable.self, from: Data(object)) else {
            throw Failure(.badRequest, #"the body has no "name" that is a string; {"name":"users"} is an example"#)
        }
        do {
            return try TableName(validating: Array(command.name.utf8))
        } catch {
            throw .badTableName(error)
        }
    }
}

extension Array where Element == UInt8 {
    fileprivate mutating func appendEntry(_ table: Table, _ summary: TableSummary) {
        append(#""name":"#)
        appendJSONString(table.state.name.description)
        append(#","created_at":""#)
        appendTimestamp(wallNanoseconds: table.state.createdAtMilliseconds * 1_000_000)
        append(#"","item_count":"#)
        appendDecimal(summary.live)
    }
}
