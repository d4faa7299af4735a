/// The state of every table that this node knows, deleted tables included. Deletions are kept forever, so that a
/// message that arrives late cannot bring a deleted table back.
package struct Catalog: Sendable {
    private var states: [TableName: TableState] = [:]
    private var liveByID: [TableID: TableState] = [:]

    package init(_ states: [TableState] = []) {
        for state in states { merge(state) }
    }

    package enum CreateError: Error, Equatable, Sendable {
        case exists
        /// Another live table has the same id, which is a hash. The chance is 2^-64 for each pair of tables.
        case identifierCollision(with: TableName)
    }

    /// Returns the state that creates the table `name`. The catalog is unchanged: the caller makes the state durable
    /// first and merges it then.
    package func creating(_ name: TableName, nowMilliseconds: UInt64) throws(CreateError) -> TableState {
        let known = states[name]
        if let known, !known.isDeleted { throw .exists }
        let created = TableState(
            name: name, generation: (known?.generation ?? 0) + 1, isDeleted: false,
            createdAtMilliseconds: nowMilliseconds)
        if let other = liveByID[created.id] { throw .identifierCollision(with: other.name) }
        return created
    }

    /// Returns the state that deletes the table `name`, or nil when there is no such table.
    package func deleting(_ name: TableName) -> TableState? {
        live(name).map {
            TableState(
                name: name, generation: $0.generation, isDeleted: true,
                createdAtMilliseconds: $0.createdAtMilliseconds)
        }
    }

    /// Keeps the later one of the known state of the table and `state`. Returns whether the catalog changed.
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

    enum MergeResult: Equatable {
        /// The catalog already holds this state of the table or a later one.
        case known
        case newer
        /// Another live table has the same id.
        case collides(with: TableName)
    }

    /// Returns whether `state` is newer than what the catalog contains, already known, or in conflict with another
    /// table. The catalog is unchanged.
    func mergeResult(of state: TableState) -> MergeResult {
        if let known = states[state.name], !state.supersedes(known) { return .known }
        if !state.isDeleted, let other = liveByID[state.id], other.name != state.name {
            return .collides(with: other.name)
        }
        return .newer
    }

    enum GenerationStatus: Equatable {
        case live
        /// The table generation was deleted, or the name has a later generation.
        case deleted
        case unknown
    }

    /// The status of one generation of a table. A generation above the known one is unknown, even if the known one is
    /// deleted.
    func status(of table: TableState) -> GenerationStatus {
        guard let known = states[table.name], known.generation >= table.generation else {
            return table.isDeleted ? .deleted : .unknown
        }
        if PlantedFault.tableGenerationIgnored.isPlanted { return known.isDeleted ? .deleted : .live }
        return known.generation == table.generation && !known.isDeleted ? .live : .deleted
    }

    package func state(of name: TableName) -> TableState? { states[name] }

    /// All states in name order, to be sent to other members.
    package var allStates: [TableState] { states.values.sorted { $0.name < $1.name } }

    /// A digest of all states that does not depend on their order: two members with equal digests have equal catalogs.
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
