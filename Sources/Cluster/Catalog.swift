/// Every table this node has heard of, deleted ones included: a deleted generation is remembered for ever, so that
/// nothing late can bring it back.
package struct Catalog: Sendable {
    private var states: [TableName: TableState] = [:]
    private var liveByID: [TableID: TableState] = [:]

    package init(_ states: [TableState] = []) {
        for state in states { merge(state) }
    }

    package enum CreateError: Error, Equatable, Sendable {
        case exists
        /// Another live table hashes to the same id. One chance in 2^64 a pair; refused rather than risked.
        case identifierCollision(with: TableName)
    }

    /// The state that creating `name` would store. It becomes true when it is durable and `merge`d.
    package func creating(_ name: TableName, nowMilliseconds: UInt64) throws(CreateError) -> TableState {
        let known = states[name]
        if let known, !known.isDeleted { throw .exists }
        let created = TableState(
            name: name, generation: (known?.generation ?? 0) + 1, isDeleted: false,
            createdAtMilliseconds: nowMilliseconds)
        if let other = liveByID[created.id] { throw .identifierCollision(with: other.name) }
        return created
    }

    /// The state that deleting `name` would store, or nil when there is no such table.
    package func deleting(_ name: TableName) -> TableState? {
        live(name).map {
            TableState(
                name: name, generation: $0.generation, isDeleted: true,
                createdAtMilliseconds: $0.createdAtMilliseconds)
        }
    }

    /// Keeps the later of what is known and `state`; true when that changed something.
    @discardableResult
    package mutating func merge(_ state: TableState) -> Bool {
        if let known = states[state.name] {
            guard state.supersedes(known) else { return false }
            liveByID[known.id] = nil
        }
        states[state.name] = state
        if !state.isDeleted { liveByID[state.id] = state }
        return true
    }

    package func live(_ name: TableName) -> TableState? {
        states[name].flatMap { $0.isDeleted ? nil : $0 }
    }

    package var liveIDs: Set<TableID> { Set(liveByID.keys) }

    /// Live tables in name order.
    package var liveTables: [TableState] {
        liveByID.values.sorted { $0.name < $1.name }
    }
}
