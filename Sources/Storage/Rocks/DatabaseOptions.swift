internal import CRocksDB

// RocksDB copies what it is opened with, so each options object lives for one call of `Database.open`.

/// The options of the whole database.
final class DatabaseOptions {
    let pointer: OpaquePointer

    init() {
        pointer = rocksdb_options_create()
        rocksdb_options_set_create_if_missing(pointer, 1)
        rocksdb_options_set_create_missing_column_families(pointer, 1)
        rocksdb_options_set_paranoid_checks(pointer, 1)
        // A record cut short at the end of a log was never acknowledged. Any other damage must not open.
        rocksdb_options_set_wal_recovery_mode(pointer, Int32(rocksdb_tolerate_corrupted_tail_records_recovery))
        // A family that is seldom written would otherwise keep every log since its last flush, to be replayed.
        rocksdb_options_set_max_total_wal_size(pointer, StorageLimits.totalLogBytes)
        rocksdb_options_set_max_background_jobs(pointer, StorageLimits.backgroundJobs)
        rocksdb_options_set_max_open_files(pointer, StorageLimits.openFiles)
        // RocksDB's own log lies beside the data and aborts the process, in a build with assertions such as Debian's,
        // at the first line after one that the full disk refused. At this level it is written while opening only,
        // which waits for space. (A level above it would silence it, and spoil the file that RocksDB keeps its options
        // in: it has no name to write there.)
        rocksdb_options_set_info_log_level(pointer, Int32(StorageLimits.headerLogLevel))
        rocksdb_options_set_keep_log_file_num(pointer, 1)
        rocksdb_options_set_max_manifest_file_size(pointer, StorageLimits.manifestFileBytes)
        rocksdb_options_set_stats_dump_period_sec(pointer, 0)
        rocksdb_options_set_bytes_per_sync(pointer, StorageLimits.bytesPerSync)
    }

    deinit { rocksdb_options_destroy(pointer) }
}

/// The options of one column family.
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

    /// Small blocks with a hash inside are searched faster, and both blooms answer "absent" without a search.
    private func useForLookups() {
        rocksdb_block_based_options_set_block_size(table, StorageLimits.itemBlockBytes)
        rocksdb_block_based_options_set_data_block_index_type(
            table, Int32(rocksdb_block_based_table_data_block_index_type_binary_search_and_hash))
        // The table takes ownership of the policy.
        rocksdb_block_based_options_set_filter_policy(table, rocksdb_filterpolicy_create_bloom_full(10))
        rocksdb_options_set_memtable_whole_key_filtering(pointer, 1)
        rocksdb_options_set_memtable_prefix_bloom_size_ratio(pointer, 0.02)
    }

    deinit {
        rocksdb_block_based_options_destroy(table)
        rocksdb_options_destroy(pointer)
    }
}
