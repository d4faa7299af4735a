internal import CRocksDB

// RocksDB copies its options when it is opened, so each options object lives for one call of `Database.open`.

/// The RocksDB options of the whole database, for all column families together.
final class DatabaseOptions {
    let pointer: OpaquePointer

    init(openFiles: Int) {
        pointer = rocksdb_options_create()
        rocksdb_options_set_create_if_missing(pointer, 1)
        rocksdb_options_set_create_missing_column_families(pointer, 1)
        rocksdb_options_set_paranoid_checks(pointer, 1)
        // RocksDB drops a record that is cut short at the end of its log. Such a record was not synced, so with the
        // sync option `always` its write was never acknowledged. Any other damage must fail the opening.
        rocksdb_options_set_wal_recovery_mode(pointer, Int32(rocksdb_tolerate_corrupted_tail_records_recovery))
        // The limit on the log makes RocksDB flush column families that are rarely written. Otherwise such a family
        // would keep every log since its last flush, and all of them would be replayed at the next opening.
        rocksdb_options_set_max_total_wal_size(pointer, StorageLimits.totalLogBytes)
        rocksdb_options_set_max_background_jobs(pointer, StorageLimits.backgroundJobs)
        rocksdb_options_set_max_open_files(pointer, Int32(openFiles))
        // RocksDB writes an informational log file of its own beside the data. In a build with assertions, such as
        // Debian's, RocksDB aborts the process at the first line after one that did not fit on a full disk. At the
        // level HEADER_LEVEL it writes lines only while the database is being opened, which waits for free space. (A
        // higher level would silence this log, but RocksDB has no name for such a level to write into its options file,
        // which would be damaged.)
        rocksdb_options_set_info_log_level(pointer, Int32(StorageLimits.headerLogLevel))
        rocksdb_options_set_keep_log_file_num(pointer, 1)
        rocksdb_options_set_max_manifest_file_size(pointer, StorageLimits.manifestFileBytes)
        rocksdb_options_set_stats_dump_period_sec(pointer, 0)
        rocksdb_options_set_bytes_per_sync(pointer, StorageLimits.bytesPerSync)
    }

    deinit { rocksdb_options_destroy(pointer) }
}

/// The RocksDB options of one column family.
final class FamilyOptions {
    let pointer: OpaquePointer
    private let table: OpaquePointer

    init(_ family: Family, cache: OpaquePointer) {
        pointer = rocksdb_options_create()
        table = rocksdb_block_based_options_create()
        rocksdb_options_set_write_buffer_size(pointer, family.writeBufferBytes)
        rocksdb_options_set_max_write_buffer_number(pointer, StorageLimits.writeBuffers)
        rocksdb_block_based_options_set_block_cache(table, cache)
        rocksdb_block_based_options_set_format_version(table, 5)
        if family.isLookedUpByKey {
            useForLookups()
        }
        rocksdb_options_set_block_based_table_factory(pointer, table)
    }

    /// Sets a column family's options for lookups by key. Small blocks with a hash index are searched faster. The Bloom
    /// filters of files and memtables answer most lookups of absent keys without a search.
    private func useForLookups() {
        rocksdb_block_based_options_set_block_size(table, StorageLimits.itemBlockBytes)
        rocksdb_block_based_options_set_data_block_index_type(
            table, Int32(rocksdb_block_based_table_data_block_index_type_binary_search_and_hash))
        // The table options take ownership of the Bloom filter policy, which is therefore not destroyed here.
        rocksdb_block_based_options_set_filter_policy(table, rocksdb_filterpolicy_create_bloom_full(10))
        rocksdb_options_set_memtable_whole_key_filtering(pointer, 1)
        rocksdb_options_set_memtable_prefix_bloom_size_ratio(pointer, 0.02)
    }

    deinit {
        rocksdb_block_based_options_destroy(table)
        rocksdb_options_destroy(pointer)
    }
}
