internal import CRocksDB

/// Iterates over the rows of one family between two bounds, forwards or backwards. It reads the database as it was when
/// the iterator, or the snapshot, was created. Iterators should be short-lived, because RocksDB keeps every row that
/// one may still read. RocksDB keeps pointers to the bounds, so this object owns their bytes.
final class RowIterator {
    private let iterator: OpaquePointer
    private let options: OpaquePointer
    private let lower: UnsafeMutableBufferPointer<CChar>
    private let upper: UnsafeMutableBufferPointer<CChar>

    /// Iterates over the rows from `lower`, inclusive, to `upper`, exclusive. Blocks that an iterator reads do not
    /// enter the block cache, which is for lookups.
    init(
        database: OpaquePointer, family: OpaquePointer, lower: [UInt8], upper: [UInt8], snapshot: Snapshot? = nil
    ) {
        self.lower = Self.copy(lower)
        self.upper = Self.copy(upper)
        options = rocksdb_readoptions_create()
        rocksdb_readoptions_set_fill_cache(options, 0)
        rocksdb_readoptions_set_iterate_lower_bound(options, self.lower.baseAddress, lower.count)
        rocksdb_readoptions_set_iterate_upper_bound(options, self.upper.baseAddress, upper.count)
        if let snapshot { rocksdb_readoptions_set_snapshot(options, snapshot.pointer) }
        iterator = rocksdb_create_iterator_cf(database, options, family)
    }

    deinit {
        rocksdb_iter_destroy(iterator)
        rocksdb_readoptions_destroy(options)
        lower.deallocate()
        upper.deallocate()
    }

    private static func copy(_ bytes: [UInt8]) -> UnsafeMutableBufferPointer<CChar> {
        let copy = UnsafeMutableBufferPointer<CChar>.allocate(capacity: max(bytes.count, 1))
        _ = copy.initialize(from: bytes.lazy.map { CChar(bitPattern: $0) })
        return copy
    }

    func seekToFirst() { rocksdb_iter_seek_to_first(iterator) }
    func seekToLast() { rocksdb_iter_seek_to_last(iterator) }
    func seek(_ key: [UInt8]) { key.withCharacters { rocksdb_iter_seek(iterator, $0, $1) } }
    func step(reverse: Bool) { reverse ? rocksdb_iter_prev(iterator) : rocksdb_iter_next(iterator) }

    /// Whether the iterator is at a row. False at the end of the range, and after a failure; `check` throws in the
    /// second case.
    var isAtRow: Bool { rocksdb_iter_valid(iterator) != 0 }

    /// Throws if the iteration ended because of a failure.
    func check() throws(RocksFailure) {
        try rocks { rocksdb_iter_get_error(iterator, $0) }
    }

    /// Calls `body` with the current row, whose bytes are valid inside `body` only.
    func withRow<Output, Failure: Error>(
        _ body: (_ key: Span<UInt8>, _ value: Span<UInt8>) throws(Failure) -> Output
    ) throws(Failure) -> Output {
        precondition(isAtRow, "an iterator was read without a current row")
        let key = bytes(rocksdb_iter_key)
        let value = bytes(rocksdb_iter_value)
        return try body(key.span, value.span)
    }

    private func bytes(
        _ part: (OpaquePointer?, UnsafeMutablePointer<Int>?) -> UnsafePointer<CChar>?
    ) -> UnsafeBufferPointer<UInt8> {
        var count = 0
        let start = part(iterator, &count)
        return UnsafeRawBufferPointer(start: start, count: count).assumingMemoryBound(to: UInt8.self)
    }
}
