internal import CRocksDB

/// One moment of the database, for a reading of several rows that must agree with one another. Short-lived, as an
/// iterator is. What it reads displaces nothing that lookups keep in the cache.
///
/// Files that are unlinked with a deleted table are lost to it all the same.
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
