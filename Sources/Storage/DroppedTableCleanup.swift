internal import Cluster

/// Removing what a deleted table left. Its catalog row says `deleted` first, durably; the ranges go in the same batch;
/// files that held nothing else are unlinked after it. What a crash leaves in between is found at the next opening.
enum DroppedTableCleanup {
    static let families: [Family] = [.leaves, .index, .items]

    static func stage(_ table: TableID, in batch: WriteBatch, of database: Database) {
        let range = RowKey.range(of: table)
        for family in families {
            batch.deleteRange(database.handle(family), start: range.lower, end: range.upper)
        }
    }

    /// Requires: the table's rows are deleted already. Space then comes back now rather than by compaction.
    static func unlinkFiles(_ table: TableID, _ database: Database) throws(RocksFailure) {
        let range = RowKey.range(of: table)
        for family in [Family.index, .items] {
            try database.deleteFiles(family, lower: range.lower, upper: range.upper)
        }
    }

    /// Removes every row of a table that is not among `live`. Takes one seek a table, not a walk over rows.
    static func sweep(_ database: Database, live: Set<TableID>) throws(RocksFailure) {
        var dead: Set<TableID> = []
        for family in families {
            dead.formUnion(try tables(in: family, database).subtracting(live))
        }
        guard !dead.isEmpty else { return }
        let batch = WriteBatch()
        for table in dead.sorted() {
            // Files first: one of them may hold the marker that hides older rows, and a new marker follows.
            try unlinkFiles(table, database)
            stage(table, in: batch, of: database)
        }
        try database.write(batch, synced: true)
    }

    private static func tables(in family: Family, _ database: Database) throws(RocksFailure) -> Set<TableID> {
        var tables: Set<TableID> = []
        let rows = database.rows(family, lower: [], upper: [UInt8](repeating: 0xFF, count: RowKey.tableBytes + 4))
        rows.seekToFirst()
        while rows.isAtRow {
            guard let table = rows.withRow({ key, _ in RowKey.table(of: key) }) else {
                throw RocksFailure(message: "Corruption: a row of the family \(family.name) has too short a key")
            }
            tables.insert(table)
            rows.seek(RowKey.range(of: table).upper)
        }
        try rows.check()
        return tables
    }
}
