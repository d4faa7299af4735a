internal import Base
internal import Cluster

/// The open database, shared by the event loop, the worker threads and the commit thread. The commit thread closes and
/// reopens it when it has failed. All other threads hold the lock for reading while they use it; the commit thread
/// holds the lock for writing while it replaces it, and needs no lock to use it.
///
/// `nonisolated(unsafe)` is sound here: `database` changes only under the lock for writing, and is read only under the
/// lock or by the one thread that changes it; RocksDB's calls may come from many threads; `cache` is a pointer to a
/// RocksDB object whose calls may, too.
final class Engine: Sendable {
    let directory: String
    private let openFiles: Int
    private let lock = ReadWriteLock()
    /// The tables whose rows are being deleted, or were deleted since the store was opened. A row missing from one of
    /// them may be missing because of the deletion.
    private let droppedTables = Locked<Set<TableID>>([])
    nonisolated(unsafe) private let cache: BlockCache
    nonisolated(unsafe) private var database: Database?

    /// Opens the directory, and creates it if it is missing. Blocks while RocksDB's log is replayed.
    init(directory: String, blockCacheBytes: Int, openFiles: Int) throws(StoreOpenError) {
        self.directory = directory
        self.openFiles = openFiles
        cache = BlockCache(bytes: blockCacheBytes)
        try DataDirectory.prepare(directory)
        database = try Self.open(directory, cache, openFiles)
    }

    private static func open(
        _ directory: String, _ cache: BlockCache, _ openFiles: Int
    ) throws(StoreOpenError) -> Database {
        do throws(RocksFailure) {
            return try Database(directory: directory, cache: cache, openFiles: openFiles)
        } catch {
            throw StoreOpenError(error, directory: directory)
        }
    }

    /// Calls `body` with the database, from any thread. Blocks while the database is being reopened.
    func read<Output>(_ body: (Database) throws(StoreError) -> Output) throws(StoreError) -> Output {
        lock.lockForReading()
        defer { lock.unlock() }
        guard let database else { throw .closed }
        return try body(database)
    }

    /// Calls `body` with the database, as `read` does, but returns nil instead of blocking while the database is being
    /// reopened.
    func readWithoutWaiting<Output>(
        _ body: (Database) throws(StoreError) -> Output
    ) throws(StoreError) -> Output? {
        guard lock.tryLockForReading() else { return nil }
        defer { lock.unlock() }
        guard let database else { throw .closed }
        return try body(database)
    }

    /// The database, for use without the lock: by the commit thread, and before that thread starts by the code that
    /// opens the store. Nil after a reopening has failed.
    var commitThreadDatabase: Database? { database }

    var blockCacheUsedBytes: UInt64 { cache.usedBytes }

    /// Closes the database and opens it again, which drops every error that RocksDB keeps. For the commit thread.
    func reopen() throws(StoreOpenError) {
        lock.lockForWriting()
        defer { lock.unlock() }
        database.take()?.close()
        database = try Self.open(directory, cache, openFiles)
    }

    /// Closes the database; every later read throws `closed`. Called after the commit thread has ended.
    func close() {
        lock.lockForWriting()
        defer { lock.unlock() }
        database.take()?.close()
    }
}

// The event loop learns of a table's deletion later than the table's rows are removed. A reader that has missed a row,
// or may have, therefore asks the engine after its lookup whether the table is being dropped.
extension Engine {
    /// Marks a table as being dropped. Called before the batch that deletes the table's rows.
    func beginDropping(_ table: TableID) {
        droppedTables.withLock { _ = $0.insert(table) }
    }

    /// Ends the marking of a table as being dropped. Called when the batch that deletes the table's rows has failed.
    func cancelDropping(_ table: TableID) {
        droppedTables.withLock { _ = $0.remove(table) }
    }

    func requireNotDropped(_ table: TableID) throws(StoreError) {
        if isDropped(table) { throw .tableDeleted }
    }

    func isDropped(_ table: TableID) -> Bool {
        droppedTables.withLock { $0.contains(table) }
    }
}
