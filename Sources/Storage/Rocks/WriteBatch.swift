internal import CRocksDB

/// Changes of rows that RocksDB applies all together or not at all. Belongs to one thread.
final class WriteBatch {
    let pointer: OpaquePointer
    private(set) var isEmpty = true

    init() { pointer = rocksdb_writebatch_create() }
    deinit { rocksdb_writebatch_destroy(pointer) }

    func put(_ family: OpaquePointer, key: [UInt8], value: [UInt8]) {
        isEmpty = false
        key.withCharacters { key, keyCount in
            value.withCharacters { value, valueCount in
                rocksdb_writebatch_put_cf(pointer, family, key, keyCount, value, valueCount)
            }
        }
    }

    func delete(_ family: OpaquePointer, key: [UInt8]) {
        isEmpty = false
        key.withCharacters { rocksdb_writebatch_delete_cf(pointer, family, $0, $1) }
    }

    /// Deletes all rows from `start`, inclusive, to `end`, exclusive.
    func deleteRange(_ family: OpaquePointer, start: [UInt8], end: [UInt8]) {
        isEmpty = false
        start.withCharacters { start, startCount in
            end.withCharacters { end, endCount in
                rocksdb_writebatch_delete_range_cf(pointer, family, start, startCount, end, endCount)
            }
        }
    }

    func clear() {
        rocksdb_writebatch_clear(pointer)
        isEmpty = true
    }
}
