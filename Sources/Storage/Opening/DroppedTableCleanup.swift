internal import Cluster

/// Removes the rows of deleted tables. One durable batch marks the table as deleted in the catalog and deletes the
/// ranges of its rows; then the files that held only such rows are unlinked. If a crash comes in between, the next
/// opening removes what remains.
enum DroppedTableCleanup {
    static let families: [Family] = [.leaves, .index, .items]

    static func stage(_ table: TableID, in batch: WriteBatch, of database: Database) {
        let range = RowKey.range(of: table)
        for family in families {
            batch.deleteRange(database.handle(family), start: range.lower, end: range.upper)
        }
    }

    /// Unlinks the files of a deleted table, which frees disk space now instead of at the next compaction. Requires:
    /// the table's rows are deleted already.
    static func unlinkFiles(_ table: TableID, _ database: Database) throws(RocksFailure) {
        let range = RowKey.range(of: table)
        for family in [Family.index, .items] {
            try database.deleteFiles(family, lower: range.lower, upper: range.upper)
        }
    }

    /// Removes every row of tables other than `live`. Costs one seek for each table, whatever the number of rows.
    static func removeRows(_ database: Database, live: Set<TableID>) throws(RocksFailure) {
        var dropped: Set<TableID> = []
        for family in families {
            dropped.formUnion(try tables(in: family, database).subtracting(live))
        }
        guard !dropped.isEmpty else { return }
        let batch = WriteBatch()
        for table in dropped.sorted() {
            // The table files are unlinked before the range deletion is written. One of the files may hold an earlier
            // range deletion that hides older rows; the new range deletion takes its place.
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
                throw RocksFailure(message: "Corruption: a key in column family \(family.name) is too short")
            }
            tables.insert(table)
            rows.seek(RowKey.range(of: table).upper)
        }
        try rows.check()
        return tables
    }
}
