internal import CRocksDB

/// The database as of one moment, to read several rows that must be consistent with one another. Snapshots should be
/// short-lived, as iterators are. Blocks read with one do not enter the block cache, which is for lookups.
///
/// A snapshot does not keep the files of a dropped table: they are unlinked even while it exists.
final class Snapshot {
    let pointer: OpaquePointer
    let options: OpaquePointer
    private let database: OpaquePointer

    init(database: OpaquePointer) {
        self.database = database
        pointer = rocksdb_create_snapshot(database)
        options = rocksdb_readoptions_create()
        rocksdb_readoptions_set_snapshot(options, pointer)
        rocksdb_readoptions_set_fill_cache(options, 0)
    }

    deinit {
        rocksdb_readoptions_destroy(options)
        rocksdb_release_snapshot(database, pointer)
    }
}
