internal import Cluster
internal import Synchronization

/// The open database, shared by the loop, the workers and the commit thread, and replaced under them when it has
/// failed. Everyone but the commit thread uses it inside the gate; the commit thread alone replaces it, so it needs no
/// gate for its own use.
///
/// `nonisolated(unsafe)` is sound here: `database` changes only while the gate is closed, and is read only inside the
/// gate or by the one thread that changes it; RocksDB's calls are safe from many threads; `cache` is a pointer to
/// something that is.
final class Engine: Sendable {
    let directory: String
    private let gate = ReadWriteLock()
    /// Tables whose deletion is on its way to the disk, or there. Rows missed in one are not known to be absent.
    private let dropped = Mutex<Set<TableID>>([])
    nonisolated(unsafe) private let cache: BlockCache
    nonisolated(unsafe) private var database: Database?

    /// Opens the directory, making it if need be. Blocks while the log is replayed.
    init(directory: String, blockCacheBytes: Int) throws(StoreOpenError) {
        self.directory = directory
        cache = BlockCache(bytes: blockCacheBytes)
        try DataDirectory.prepare(directory)
        database = try Self.open(directory, cache)
    }

    private static func open(_ directory: String, _ cache: BlockCache) throws(StoreOpenError) -> Database {
        do throws(RocksFailure) {
            return try Database(directory: directory, cache: cache)
        } catch {
            throw StoreOpenError(error, directory: directory)
        }
    }

    /// From any thread; waits while the database is being replaced.
    func read<Result>(_ body: (Database) throws(StoreError) -> Result) throws(StoreError) -> Result {
        gate.enter()
        defer { gate.leave() }
        guard let database else { throw .closed }
        return try body(database)
    }

    /// Nil rather than waiting.
    func readWithoutWaiting<Result>(
        _ body: (Database) throws(StoreError) -> Result
    ) throws(StoreError) -> Result? {
        guard gate.tryToEnter() else { return nil }
        defer { gate.leave() }
        guard let database else { throw .closed }
        return try body(database)
    }

    /// For the commit thread, and before it runs. Nil after a reopening failed.
    var owned: Database? { database }

    var blockCacheUsedBytes: UInt64 { cache.usedBytes }

    /// Closes the database and opens it again, which drops every error that RocksDB remembers. For the commit thread.
    func reopen() throws(StoreOpenError) {
        gate.close()
        defer { gate.leave() }
        database.take()?.close()
        database = try Self.open(directory, cache)
    }

    /// Afterwards every read throws `closed`. When the commit thread has ended.
    func close() {
        gate.close()
        defer { gate.leave() }
        database.take()?.close()
    }
}

extension Engine {
    /// To be told before the batch that deletes a table's rows, so that whoever misses a row finds the table here.
    func beginDropping(_ table: TableID) {
        dropped.withLock { _ = $0.insert(table) }
    }

    /// The batch came to nothing.
    func keep(_ table: TableID) {
        dropped.withLock { _ = $0.remove(table) }
    }

    /// For whoever missed a row, or may have, after having looked: the loop hears of a deletion later than the rows go.
    func requireKept(_ table: TableID) throws(StoreError) {
        if !isKept(table) { throw .tableDeleted }
    }

    func isKept(_ table: TableID) -> Bool {
        dropped.withLock { !$0.contains(table) }
    }
}
