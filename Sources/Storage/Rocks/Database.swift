internal import CRocksDB

/// An open RocksDB database. Calls may come from many threads at once, but none may run during or after `close`;
/// `Engine` ensures that with a lock.
///
/// Debian builds RocksDB with its assertions on: closing it while a family handle or an iterator is alive aborts the
/// process.
final class Database {
    enum Tier {
        /// Reads only the memtables and the block cache. A failure whose `isIncomplete` is true means that the answer
        /// is on the disk.
        case memory
        case disk
        /// Reads the database as it was when the snapshot was taken.
        case snapshot(Snapshot)
    }

    private let pointer: OpaquePointer
    private let handles: [OpaquePointer]
    private let readMemory: OpaquePointer
    private let readDisk: OpaquePointer
    private let writeSynced: OpaquePointer
    private let writeUnsynced: OpaquePointer
    private var isOpen = true

    /// Opens or creates the database in `directory`. Replays its log, which takes about a second for every 64 MiB.
    init(directory: String, cache: BlockCache, openFiles: Int) throws(RocksFailure) {
        let options = DatabaseOptions(openFiles: openFiles)
        let families = Family.allCases.map { FamilyOptions($0, cache: cache.pointer) }
        let opened = try Self.open(directory, options, families)
        pointer = opened.database
        handles = opened.handles
        readMemory = rocksdb_readoptions_create()
        rocksdb_readoptions_set_read_tier(readMemory, 1)
        readDisk = rocksdb_readoptions_create()
        writeSynced = rocksdb_writeoptions_create()
        rocksdb_writeoptions_set_sync(writeSynced, 1)
        writeUnsynced = rocksdb_writeoptions_create()
    }

    private static func open(
        _ directory: String, _ options: DatabaseOptions, _ families: [FamilyOptions]
    ) throws(RocksFailure) -> (database: OpaquePointer, handles: [OpaquePointer]) {
        let names = Family.allCases.map { Array($0.name.utf8CString) }
        let nameStorage = UnsafeMutableBufferPointer<CChar>.allocate(capacity: names.joined().count)
        defer { nameStorage.deallocate() }
        _ = nameStorage.initialize(from: names.joined())
        var namePointers: [UnsafePointer<CChar>?] = []
        var offset = 0
        for name in names {
            namePointers.append(nameStorage.baseAddress.map { UnsafePointer($0 + offset) })
            offset += name.count
        }
        var optionPointers: [OpaquePointer?] = families.map(\.pointer)
        var handles = [OpaquePointer?](repeating: nil, count: families.count)
        let database = try rocks {
            rocksdb_open_column_families(
                options.pointer, directory, Int32(families.count), &namePointers, &optionPointers, &handles, $0)
        }
        guard let database else { throw RocksFailure(message: "RocksDB returned neither a database nor an error") }
        return (database, handles.compactMap { $0 })
    }

    deinit { precondition(!isOpen, "a database was dropped while open") }

    func close() {
        precondition(isOpen, "a database was closed twice")
        isOpen = false
        for handle in handles { rocksdb_column_family_handle_destroy(handle) }
        rocksdb_close(pointer)
        rocksdb_readoptions_destroy(readMemory)
        rocksdb_readoptions_destroy(readDisk)
        rocksdb_writeoptions_destroy(writeSynced)
        rocksdb_writeoptions_destroy(writeUnsynced)
    }

    func handle(_ family: Family) -> OpaquePointer { handles[family.rawValue] }

    /// Calls `body` with the row's value, which is valid inside `body` only. Nil when there is no such row.
    func get<Output, Failure: Error>(
        _ family: Family, _ key: [UInt8], tier: Tier, failed: (RocksFailure) -> Failure,
        _ body: (Span<UInt8>) throws(Failure) -> Output
    ) throws(Failure) -> Output? {
        let options = options(tier)
        let slice: OpaquePointer?
        do throws(RocksFailure) {
            slice = try rocks { error in
                key.withCharacters { rocksdb_get_pinned_cf(pointer, options, handle(family), $0, $1, error) }
            }
        } catch {
            throw failed(error)
        }
        guard let slice else { return nil }
        defer { rocksdb_pinnableslice_destroy(slice) }
        var count = 0
        let start = rocksdb_pinnableslice_value(slice, &count)
        // RocksDB opens only 16 table files of a family with the database, and the others when they are needed. A
        // lookup in memory alone that needs a file which is not open "finds" an empty value. No value that is looked up
        // in memory is empty.
        if case .memory = tier, count == 0 {
            throw failed(RocksFailure(message: "Result incomplete: a table file is not open"))
        }
        let bytes = UnsafeRawBufferPointer(start: start, count: count).assumingMemoryBound(to: UInt8.self)
        return try body(bytes.span)
    }

    private func options(_ tier: Tier) -> OpaquePointer {
        switch tier {
        case .memory: readMemory
        case .disk: readDisk
        case .snapshot(let snapshot): snapshot.options
        }
    }

    func snapshot() -> Snapshot { Snapshot(database: pointer) }

    /// Writes all rows of a batch, or none. When `synced`, it returns when they are on the disk; none is readable
    /// before that.
    func write(_ batch: WriteBatch, synced: Bool) throws(RocksFailure) {
        try rocks { rocksdb_write(pointer, synced ? writeSynced : writeUnsynced, batch.pointer, $0) }
    }

    /// Syncs all earlier writes to the disk.
    func syncLog() throws(RocksFailure) {
        try rocks { rocksdb_flush_wal(pointer, 1, $0) }
    }

    func rows(_ family: Family, lower: [UInt8], upper: [UInt8], at snapshot: Snapshot? = nil) -> RowIterator {
        RowIterator(database: pointer, family: handle(family), lower: lower, upper: upper, snapshot: snapshot)
    }

    /// Unlinks the table files that hold only rows between the bounds, which frees their disk space at once.
    func deleteFiles(_ family: Family, lower: [UInt8], upper: [UInt8]) throws(RocksFailure) {
        try rocks { error in
            lower.withCharacters { lower, lowerCount in
                upper.withCharacters { upper, upperCount in
                    rocksdb_delete_file_in_range_cf(
                        pointer, handle(family), lower, lowerCount, upper, upperCount, error)
                }
            }
        }
    }

    /// RocksDB's sequence number, which rises by one with every row written, over the whole life of the database.
    var sequence: UInt64 { rocksdb_get_latest_sequence_number(pointer) }

    /// The value of a property of the whole database, such as `rocksdb.background-errors`; 0 if RocksDB has none of
    /// that name.
    func property(_ name: String) -> UInt64 {
        var value: UInt64 = 0
        return rocksdb_property_int(pointer, name, &value) == 0 ? value : 0
    }

    /// The sum of a RocksDB property over all column families.
    func sum(_ name: String) -> UInt64 {
        handles.reduce(0) { sum, handle in
            var value: UInt64 = 0
            return rocksdb_property_int_cf(pointer, handle, name, &value) == 0 ? sum + value : sum
        }
    }
}

/// The cache of uncompressed blocks. It outlives the database, so that it keeps its size when a database is reopened.
final class BlockCache {
    let pointer: OpaquePointer

    init(bytes: Int) { pointer = rocksdb_cache_create_lru(bytes) }
    deinit { rocksdb_cache_destroy(pointer) }

    var usedBytes: UInt64 { UInt64(rocksdb_cache_get_usage(pointer)) }
}

/// Turns off the timing of RocksDB's own steps in the calling thread, which RocksDB does by default. Each thread that
/// often calls RocksDB calls this once.
func stopTimingRocksCallsOfThisThread() {
    rocksdb_set_perf_level(1)
}
