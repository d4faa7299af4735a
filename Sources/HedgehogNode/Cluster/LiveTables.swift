internal import Cluster
internal import Observability

/// A table that exists, with the metrics of its requests.
final class LiveTable {
    let state: TableState
    let id: TableID
    let series: TableSeries

    init(state: TableState, series: TableSeries) {
        self.state = state
        id = state.id
        self.series = series
    }
}

/// The tables that requests can use, by name. A catalog beside them holds the deleted tables too, so that an older
/// state of a table does not replace a newer one.
final class LiveTables {
    private var catalog: Catalog
    private var tables: [[UInt8]: LiveTable] = [:]
    private let metrics: HTTPMetrics

    init(states: [TableState], metrics: HTTPMetrics) {
        catalog = Catalog(states)
        self.metrics = metrics
        for state in catalog.liveTables { add(state) }
    }

    subscript(name: [UInt8]) -> LiveTable? { tables[name] }

    /// All tables, in the order of their names.
    var all: [LiveTable] { catalog.liveTables.compactMap { tables[Array($0.name.description.utf8)] } }

    /// Merges a table state that is durable on this node: creates, replaces or removes the table of its name.
    func merge(_ state: TableState, nowNanoseconds: UInt64) {
        guard catalog.merge(state) else { return }
        if let old = tables.removeValue(forKey: Array(state.name.description.utf8)) {
            metrics.retire(old.series, nowNanoseconds: nowNanoseconds)
        }
        if !state.isDeleted { add(state) }
    }

    private func add(_ state: TableState) {
        let name = state.name.description
        tables[Array(name.utf8)] = LiveTable(state: state, series: metrics.table(name))
    }
}
