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
    private let metrics: HTTPMetrics

    init(states: [TableState], metrics: HTTPMetrics) {
        catalog = Catalog(states)
        self.metrics = metrics
        for state in catalog.liveTables { add(state) }
    }

    subscript(name: [UInt8]) -> Table? { tables[name] }

    /// In name order.
    var all: [Table] { catalog.liveTables.compactMap { tables[Array($0.name.description.utf8)] } }

    /// A state that is durable here now.
    func follow(_ state: TableState, nowNanoseconds: UInt64) {
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
}
