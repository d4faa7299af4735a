internal import Base
internal import Cluster

/// Reads the `meta` and `leaves` families when the store is opened. A row that cannot be read fails the opening: a
/// store that ignored a catalog row or a leaf record would lose data silently.
struct MetaReader {
    let database: Database
    let directory: String

    func bytes(_ key: [UInt8]) throws(StoreOpenError) -> [UInt8]? {
        try database.get(.meta, key, tier: .disk, failed: { StoreOpenError($0, directory: directory) }) {
            (value: Span<UInt8>) throws(StoreOpenError) in Array(copying: value)
        }
    }

    func number<Integer: FixedWidthInteger & UnsignedInteger>(
        _ key: [UInt8]
    ) throws(StoreOpenError) -> Integer? {
        guard let bytes = try bytes(key) else { return nil }
        guard let number: Integer = MetaRow.number(bytes) else {
            let name = String(decoding: key, as: UTF8.self)
            throw .damaged(directory: directory, why: "row \(name) has a wrong length, \(bytes.count) bytes")
        }
        return number
    }

    func highestClock() throws(StoreOpenError) -> HybridTimestamp {
        HybridTimestamp(rawValue: try number(MetaRow.clock) ?? 0)
    }

    func tables() throws(StoreOpenError) -> [TableState] {
        var states: [TableState] = []
        try forEachRow(.meta, MetaRow.tables.lower, MetaRow.tables.upper) { key, value throws(StoreOpenError) in
            guard let state = MetaRow.table(key: key, value: value) else {
                throw .damaged(directory: directory, why: "a catalog row cannot be decoded")
            }
            states.append(state)
        }
        return states
    }

    /// Replays the leaf journal: applies its entries to the leaf records in `leaves`, which are older, and returns the
    /// journal state with which the commit thread continues.
    func replayJournal(
        onto leaves: inout LeafTable, live: Set<TableID>
    ) throws(StoreOpenError) -> LeafJournal {
        var journal = LeafJournal()
        let rows = MetaRow.leafJournal
        try forEachRow(.meta, rows.lower, rows.upper) { key, value throws(StoreOpenError) in
            guard let number = MetaRow.journalNumber(key: key), let changes = LeafChange.decode(value),
                changes.allSatisfy({ leaves.hasPlace(for: $0.address) })
            else { throw .damaged(directory: directory, why: "a leaf journal entry cannot be decoded") }
            let relevant = changes.filter { live.contains($0.address.table) }
            for change in relevant { leaves.set(change.sums, of: change.address) }
            journal.add(existing: number, bytes: value.count, changed: relevant.map(\.address))
        }
        return journal
    }

    func leaves(partitions: Int) throws(StoreOpenError) -> LeafTable {
        var table = LeafTable(partitions: partitions)
        try forEachRow(.leaves, [], [UInt8](repeating: 0xFF, count: 12)) { key, value throws(StoreOpenError) in
            guard let address = RowKey.leafAddress(of: key), table.hasPlace(for: address),
                let sums = EntrySums(record: value)
            else { throw .damaged(directory: directory, why: "a leaf record cannot be decoded") }
            table.set(sums, of: address)
        }
        return table
    }

    /// Throws unless the database is empty. A database with rows but without a `format` row belongs to another program.
    func requireEmpty() throws(StoreOpenError) {
        for family in Family.allCases {
            try forEachRow(family, [], [UInt8](repeating: 0xFF, count: 12)) { _, _ throws(StoreOpenError) in
                throw .notAStore(
                    directory: directory, why: "column family \(family.name) has rows, but there is no format row")
            }
        }
    }

    func forEachRow(
        _ family: Family, _ lower: [UInt8], _ upper: [UInt8],
        _ body: (Span<UInt8>, Span<UInt8>) throws(StoreOpenError) -> Void
    ) throws(StoreOpenError) {
        let rows = database.rows(family, lower: lower, upper: upper)
        rows.seekToFirst()
        while rows.isAtRow {
            try rows.withRow(body)
            rows.step(reverse: false)
        }
        do throws(RocksFailure) {
            try rows.check()
        } catch {
            throw StoreOpenError(error, directory: directory)
        }
    }
}
