extension Database {
    /// The bytes in all memtables, which are not yet in table files. Reopening the database writes them to table files.
    var unflushedBytes: UInt64 { sum("rocksdb.cur-size-all-mem-tables") }

    func fill(_ gauges: inout StoreGauges) {
        gauges.memtableBytes = unflushedBytes
        gauges.tableReaderBytes = sum("rocksdb.estimate-table-readers-mem")
        gauges.tableFileBytes = sum("rocksdb.total-sst-files-size")
        gauges.levelZeroFiles = sum("rocksdb.num-files-at-level0")
        gauges.pendingCompactionBytes = sum("rocksdb.estimate-pending-compaction-bytes")
        gauges.backgroundErrors = property("rocksdb.background-errors")
    }
}
