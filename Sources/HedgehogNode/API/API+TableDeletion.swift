internal import Cluster
internal import HTTP
internal import HTTPServer

// The route that deletes a table with all its items.
//
// A client or a proxy may normalise the path of an item to the path of its table, or of another table: RFC 3986 removes
// the segment `..`, also if it was written `%2e%2e`. So a request that deletes items with their table must have what no
// request for an item has, the table's name as `confirm`. Without it only an empty table is deleted, for clients of the
// original API. [An application deletes the item `..`; its HTTP library sends `DELETE /api/v1/tables/users`.]
extension API {
    private struct DeleteTableBody: Decodable {
        let confirm: String?
    }

    func deleteTable(_ exchange: Exchange, _ table: LiveTable) throws(Failure) {
        if try isConfirmed(exchange, table.state.name) {
            deleteConfirmed(exchange, table)
        } else {
            deleteIfEmpty(exchange, table)
        }
    }

    /// Returns whether the request to delete a table confirms its name with `confirm` in the query or in the body.
    /// Throws if one of them names another table.
    private func isConfirmed(_ exchange: Exchange, _ name: TableName) throws(Failure) -> Bool {
        let query = try query(exchange.head)
        try query.requireOnly("confirm")
        var given = [try query.single("confirm")].compactMap(\.self)
        let body = takeBody(exchange)
        if !body.isEmpty {
            let command = try DeleteTableBody(
                jsonBody: body, required: #""confirm" that is a string; an example is {"confirm":"\#(name)"}"#)
            if let confirm = command.confirm { given.append(Array(confirm.utf8)) }
        }
        for other in given where other != Array(name.description.utf8) {
            throw .badParameter("confirm", given: other, allowed: "the table's name \(name)")
        }
        return !given.isEmpty
    }

    /// Deletes a table if all replicas confirm that it has no items. A write that is acknowledged between this check
    /// and the deletion is deleted with the table.
    private func deleteIfEmpty(_ exchange: Exchange, _ table: LiveTable) {
        let name = table.state.name
        node.member.count(table.state, trace: exchange.context.requestTrace) { [self] result in
            guard exchange.isOpen else { return }
            switch result {
            case .count(let count) where count.live > 0: exchange.fail(.tableNotEmpty(name))
            case .count(let count) where count.isExact: deleteConfirmed(exchange, table)
            case .count, .unavailable: exchange.fail(.tableMayHaveItems(name))
            case .noTable: exchange.fail(.noSuchTable(exchange.context.tableName))
            }
        }
    }

    private func deleteConfirmed(_ exchange: Exchange, _ table: LiveTable) {
        let name = table.state.name
        node.member.deleteTable(name, trace: exchange.context.requestTrace) { [self] answer in
            finishChange(exchange, name, answer, status: .ok, "table deleted")
        }
    }
}
