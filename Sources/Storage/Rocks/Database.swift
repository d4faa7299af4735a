internal import CRocksDB

/// An open RocksDB. Its calls may come from any thread at once; `close` may not meet any of them, which `Engine`
/// sees to.
///
/// Debian builds RocksDB with its assertions on: closing with a family handle or an iterator still alive aborts.
final class Database {
    enum Tier {
        /// Memtables and block cache; a failure that `isIncomplete` means that the disk would know.
        case memory
        case disk
        /// The disk as it was at some moment.
        case moment(Snapshot)
    }

    private let pointer: OpaquePointer
    private let handles: [OpaquePointer]
    private let readMemory: OpaquePointer
    private let readDisk: OpaquePointer
    private let writeSynced: OpaquePointer
    private let writeUnsynced: OpaquePointer
    private var isOpen = true

    /// Opens or creates the database in `directory`; replays its log first, which takes about a second per 64 MiB.
    init(directory: String, cache: BlockCache) throws(RocksFailure) {
        let options = DatabaseOptions()
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
        guard let database else { throw RocksFailure(message: "RocksDB gave neither a database nor a reason") }
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

    /// Gives `body` the row's value, valid inside it only; nil when there is no such row.
    func get<Result, Failure: Error>(
        _ family: Family, _ key: [UInt8], tier: Tier, failed: (RocksFailure) -> Failure,
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result? {
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
        let bytes = UnsafeRawBufferPointer(start: start, count: count).assumingMemoryBound(to: UInt8.self)
        return try body(bytes.span)
    }

    private func options(_ tier: Tier) -> OpaquePointer {
        switch tier {
        case .memory: readMemory
        case .disk: readDisk
        case .moment(let snapshot): snapshot.options
        }
    }

    func snapshot() -> Snapshot { Snapshot(database: pointer) }

    /// When `synced`, returns once the rows are on the disk; none of them is readable before that.
    func write(_ batch: WriteBatch, synced: Bool) throws(RocksFailure) {
        try rocks { rocksdb_write(pointer, synced ? writeSynced : writeUnsynced, batch.pointer, $0) }
    }

    /// Puts what was written without a sync on the disk.
    func syncLog() throws(RocksFailure) {
        try rocks { rocksdb_flush_wal(pointer, 1, $0) }
    }

    func rows(_ family: Family, lower: [UInt8], upper: [UInt8], at moment: Snapshot? = nil) -> RowIterator {
        RowIterator(database: pointer, family: handle(family), lower: lower, upper: upper, moment: moment)
    }

    /// Unlinks the table files that hold nothing but rows between the bounds: space comes back at once.
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

    /// Rises by one with every row written since the database was made.
    var sequence: UInt64 { rocksdb_get_latest_sequence_number(pointer) }

    /// A property of the whole database, such as `rocksdb.background-errors`; 0 when it has none of that name.
    func property(_ name: String) -> UInt64 {
        var value: UInt64 = 0
        return rocksdb_property_int(pointer, name, &value) == 0 ? value : 0
    }

    /// The same, summed over the families.
    func sum(_ name: String) -> UInt64 {
        handles.reduce(0) { sum, handle in
            var value: UInt64 = 0
            return rocksdb_property_int_cf(pointer, handle, name, &value) == 0 ? sum + value : sum
        }
    }
}

/// The cache of uncompressed blocks. It outlives the database, so that reopening one finds the same bound.
final class BlockCache {
    let pointer: OpaquePointer

    init(bytes: Int) { pointer = rocksdb_cache_create_lru(bytes) }
    deinit { rocksdb_cache_destroy(pointer) }

    var usedBytes: UInt64 { UInt64(rocksdb_cache_get_usage(pointer)) }
}

/// RocksDB times its own steps unless told not to; each thread that calls it a lot says so once.
func stopTimingRocksCallsOfThisThread() {
    rocksdb_set_perf_level(1)
}
