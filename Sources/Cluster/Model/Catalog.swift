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
        /// Another live table hashes to the same id.
        case collides(with: TableName)
    }

    /// What merging `state` would do.
    func standing(of state: TableState) -> Standing {
        if let known = states[state.name], !state.supersedes(known) { return .known }
        if !state.isDeleted, let other = liveByID[state.id], other.name != state.name {
            return .collides(with: other.name)
        }
        return .news
    }

    enum Life: Equatable {
        case live
        /// Deleted, or followed by a later generation of its name.
        case ended
        case unheardOf
    }

    /// What is known of one generation of a table. That of a generation above the known one is nothing, whatever
    /// became of the older.
    func life(of table: TableState) -> Life {
        guard let known = states[table.name], known.generation >= table.generation else {
            return table.isDeleted ? .ended : .unheardOf
        }
        if PlantedFault.tableGenerationIgnored.isPlanted { return known.isDeleted ? .ended : .live }
        return known.generation == table.generation && !known.isDeleted ? .live : .ended
    }

    package func state(of name: TableName) -> TableState? { states[name] }

    /// Every state, in name order, for telling it to others.
    package var allStates: [TableState] { states.values.sorted { $0.name < $1.name } }

    /// The same for the same states, whatever their order; almost surely different for others.
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
