extension Database {
    /// The size of all memtables: the bytes that reopening the database writes to table files.
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
