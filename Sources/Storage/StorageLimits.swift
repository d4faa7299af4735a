/// Limits of the storage of one node: sizes of commits, pages, the leaf journal, RocksDB's buffers and the disk
/// reserve.
enum StorageLimits {
    // The limits of one commit batch.
    static let operationsPerBatch = 1024
    static let bytesPerBatch = 8 << 20

    /// The bytes that each write adds to the weight of the commit queue, besides the length of its keys and values.
    static let operationOverheadBytes = 128
    /// The most rows that one purge may remove in a commit, and the most hints that may be removed by one command.
    static let rowsPerCommand = 65_536
    /// The bytes that each row of a purge, and each hint to be removed, adds to the weight of its command in the commit
    /// queue, besides the length of its key.
    static let rowOverheadBytes = 32

    // The limits of the leaf journal. At its size limit, when a checkpoint begins, it has about 195,000 leaf
    // changes to replay at the next opening.
    static let leafJournalBytes = 8 << 20
    static let leafRecordsPerBatch = 64

    // The limits of VersionTable: at most 32,768 slots, each with a key of at most 128 bytes, about 8 MiB.
    static let versionTableSets = 8192
    static let versionTableKeyBytes = 128

    // The limits of one page of a table scan.
    static let pageEntries = 10_000
    static let pageBytes = 16 << 20

    // Limits on one answer that lists a leaf's entries, and on one page of hints read from the disk.
    static let leafRows = 4096
    static let hintRows = 4096
    static let hintBytes = 16 << 20

    // Sizes and counts that RocksDB is configured with.
    static let itemsWriteBufferBytes = 16 << 20
    static let sideWriteBufferBytes = 8 << 20
    static let smallWriteBufferBytes = 1 << 20
    static let writeBuffers: Int32 = 3
    static let totalLogBytes: UInt64 = 64 << 20
    static let itemBlockBytes = 2048
    static let backgroundJobs: Int32 = 2
    static let manifestFileBytes = 4 << 20
    static let bytesPerSync: UInt64 = 1 << 20
    /// The level at which RocksDB writes only header lines to its own log file: InfoLogLevel::HEADER_LEVEL, which the C
    /// interface of RocksDB does not name.
    static let headerLogLevel = 5

    // The limits on free disk space.
    static let diskReserveBytes: UInt64 = 64 << 20
    /// On a small file system the reserve of free disk space is this fraction of its size: one twentieth.
    static let diskReserveShare: UInt64 = 20
    static let diskCheckMilliseconds = 100
    /// The interval at which the commit thread checks the disk even without writes, and tries to reopen a failed
    /// database.
    static let tickMilliseconds = 1000
}
