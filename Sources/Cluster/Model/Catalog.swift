/// The states of all tables known to this node, including deleted ones. A deleted generation stays in the catalog
/// forever, so that no late message can bring it back.
package struct Catalog: Sendable {
    private var states: [TableName: TableState] = [:]
    private var liveByID: [TableID: TableState] = [:]

    package init(_ states: [TableState] = []) {
        for state in states { merge(state) }
    }

    package enum CreateError: Error, Equatable, Sendable {
        case exists
        /// Another live table has the same hash as id. The probability is 2^-64 per pair of tables; the creation is
        /// rejected.
        case identifierCollision(with: TableName)
    }

    /// The state that a creation of `name` stores. It takes effect when it is durable and merged.
    package func creating(_ name: TableName, nowMilliseconds: UInt64) throws(CreateError) -> TableState {
        let known = states[name]
        if let known, !known.isDeleted { throw .exists }
        let created = TableState(
            name: name, generation: (known?.generation ?? 0) + 1, isDeleted: false,
            createdAtMilliseconds: nowMilliseconds)
        if let other = liveByID[created.id] { throw .identifierCollision(with: other.name) }
        return created
    }

    /// The state that a deletion of `name` stores; nil if there is no such table.
    package func deleting(_ name: TableName) -> TableState? {
        live(name).map {
            TableState(
                name: name, generation: $0.generation, isDeleted: true,
                createdAtMilliseconds: $0.createdAtMilliseconds)
        }
    }

    /// Keeps the newer of the known state and `state`. Returns whether the catalog changed.
    @discardableResult
    package mutating func merge(_ state: TableState) -> Bool {
        if let known = states[state.name] {
            guard state.supersedes(known) else { return false }
            liveByID[known.id] = nil
            digest ^= known.digest
        }
        digest ^= state.digest
        states[state.name] = state
        if !state.isDeleted { liveByID[state.id] = state }
        return true
    }

    enum Standing: Equatable {
        case known
        case news
        /// Another live table has the same id.
        case collides(with: TableName)
    }

    /// The effect that a merge of `state` would have.
    func standing(of state: TableState) -> Standing {
        if let known = states[state.name], !state.supersedes(known) { return .known }
        if !state.isDeleted, let other = liveByID[state.id], other.name != state.name {
            return .collides(with: other.name)
        }
        return .news
    }

    enum Life: Equatable {
        case live
        /// The generation was deleted, or a later one of the same name exists.
        case ended
        case unheardOf
    }

    /// The state of one generation of a table, as far as this node knows. A generation above the known one is unknown,
    /// even if the known one is deleted.
    func life(of table: TableState) -> Life {
        guard let known = states[table.name], known.generation >= table.generation else {
            return table.isDeleted ? .ended : .unheardOf
        }
        if PlantedFault.tableGenerationIgnored.isPlanted { return known.isDeleted ? .ended : .live }
        return known.generation == table.generation && !known.isDeleted ? .live : .ended
    }

    package func state(of name: TableName) -> TableState? { states[name] }

    /// All states in name order, for sending them to other nodes.
    package var allStates: [TableState] { states.values.sorted { $0.name < $1.name } }

    /// The XOR of the digests of all states: equal catalogs have equal digests, and different ones almost certainly
    /// not.
    package private(set) var digest: UInt64 = 0

    package func live(_ name: TableName) -> TableState? {
        states[name].flatMap { $0.isDeleted ? nil : $0 }
    }

    package func live(_ id: TableID) -> TableState? { liveByID[id] }

    package var liveIDs: Set<TableID> { Set(liveByID.keys) }

    /// Live tables in name order.
    package var liveTables: [TableState] {
        liveByID.values.sorted { $0.name < $1.name }
    }
}
