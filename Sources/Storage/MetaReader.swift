internal import Base
internal import Cluster

/// Reads what the store must know before it serves. What cannot be read refuses the opening: to go on without a
/// catalog row or a leaf record would be to forget.
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
            throw .damaged(directory: directory, why: "its row \(name) has \(bytes.count) bytes")
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
                throw .damaged(directory: directory, why: "a row of its catalog cannot be read")
            }
            states.append(state)
        }
        return states
    }

    /// Brings the leaf records up to date with what was committed since they were written.
    func replayJournal(
        onto leaves: inout LeafTable, live: Set<TableID>
    ) throws(StoreOpenError) -> LeafJournal {
        var journal = LeafJournal()
        let rows = MetaRow.leafJournal
        try forEachRow(.meta, rows.lower, rows.upper) { key, value throws(StoreOpenError) in
            guard let number = MetaRow.journalNumber(key: key), let changes = LeafChange.decode(value),
                changes.allSatisfy({ leaves.hasPlace(for: $0.address) })
            else { throw .damaged(directory: directory, why: "an entry of its leaf journal cannot be read") }
            let relevant = changes.filter { live.contains($0.address.table) }
            for change in relevant { leaves.set(change.sums, of: change.address) }
            journal.adopt(number: number, bytes: value.count, changed: relevant.map(\.address))
        }
        return journal
    }

    func leaves(partitions: Int) throws(StoreOpenError) -> LeafTable {
        var table = LeafTable(partitions: partitions)
        try forEachRow(.leaves, [], [UInt8](repeating: 0xFF, count: 12)) { key, value throws(StoreOpenError) in
            guard let address = RowKey.leafAddress(of: key), table.hasPlace(for: address),
                let sums = EntrySums(record: value)
            else { throw .damaged(directory: directory, why: "a leaf record cannot be read") }
            table.set(sums, of: address)
        }
        return table
    }

    /// A database without our format row must be one that was made just now.
    func requireEmpty() throws(StoreOpenError) {
        for family in Family.allCases {
            try forEachRow(family, [], [UInt8](repeating: 0xFF, count: 12)) { _, _ throws(StoreOpenError) in
                throw .notAStore(directory: directory, why: "its family \(family.name) has rows, but no format")
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
