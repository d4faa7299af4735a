internal import Cluster
internal import Observability

/// One live table, as requests see it.
final class Table {
    let state: TableState
    let id: TableID
    let series: TableSeries

    init(state: TableState, series: TableSeries) {
        self.state = state
        id = state.id
        self.series = series
    }
}

/// The live tables by name, beside the catalog that remembers the deleted ones too.
final class TableDirectory {
    private var catalog: Catalog
    private var tables: [[UInt8]: Table] = [:]
    /// Names whose creation or deletion is on its way to the disk.
    private var changing: Set<TableName> = []
    private let metrics: HTTPMetrics

    init(states: [TableState], metrics: HTTPMetrics) {
        catalog = Catalog(states)
        self.metrics = metrics
        for state in catalog.liveTables { add(state) }
    }

    subscript(name: [UInt8]) -> Table? { tables[name] }

    /// In name order.
    var all: [Table] { catalog.liveTables.compactMap { tables[Array($0.name.description.utf8)] } }

    /// The state to store for a new table. Until `finish` is called with its name, nobody else may change it.
    func beginCreating(_ name: TableName, nowMilliseconds: UInt64) throws(Failure) -> TableState {
        try refuseConcurrentChange(name)
        do {
            let state = try catalog.creating(name, nowMilliseconds: nowMilliseconds)
            changing.insert(name)
            return state
        } catch {
            switch error {
            case .exists:
                throw Failure(.conflict, "table \"\(name)\" already exists")
            case .identifierCollision(let other):
                throw Failure(
                    .conflict, "table \"\(name)\" has the same internal id as \"\(other)\"; choose another name")
            }
        }
    }

    func beginDeleting(_ name: TableName) throws(Failure) -> TableState {
        try refuseConcurrentChange(name)
        guard let state = catalog.deleting(name) else { throw .noSuchTable(Array(name.description.utf8)) }
        changing.insert(name)
        return state
    }

    /// `stored` is what is durable now, or nil when the change came to nothing.
    func finish(_ name: TableName, stored: TableState?, nowNanoseconds: UInt64) {
        changing.remove(name)
        if let stored { merge(stored, nowNanoseconds: nowNanoseconds) }
    }

    /// To be called when a store has reopened: a change that was answered as unknown may have come to be.
    func adopt(_ states: [TableState], nowNanoseconds: UInt64) {
        for state in states { merge(state, nowNanoseconds: nowNanoseconds) }
    }

    private func merge(_ state: TableState, nowNanoseconds: UInt64) {
        guard catalog.merge(state) else { return }
        if let old = tables.removeValue(forKey: Array(state.name.description.utf8)) {
            metrics.retire(old.series, nowNanoseconds: nowNanoseconds)
        }
        if !state.isDeleted { add(state) }
    }

    private func add(_ state: TableState) {
        let name = state.name.description
        tables[Array(name.utf8)] = Table(state: state, series: metrics.table(name))
    }

    private func refuseConcurrentChange(_ name: TableName) throws(Failure) {
        guard changing.contains(name) else { return }
        throw Failure(.conflict, "table \"\(name)\" is being created or deleted by another request just now")
    }
}
