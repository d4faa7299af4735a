/// Every bound of this module.
enum StorageLimits {
    // One commit
    static let operationsPerBatch = 1024
    static let bytesPerBatch = 8 << 20
    /// Charged to the queue for each operation beside its key and value.
    static let operationOverheadBytes = 128

    /// Rows that one purge, or one settling of hints, may name.
    static let rowsPerCommand = 65_536
    /// Charged to the queue for each of them beside its key.
    static let rowOverheadBytes = 32

    // The leaf journal: at most about 195,000 changes of leaves are replayed at a start.
    static let leafJournalBytes = 8 << 20
    static let leafRecordsPerBatch = 64

    // The version table: at most 32,768 slots, each with a key of at most 128 bytes, about 8 MiB.
    static let versionTableSets = 8192
    static let versionTableKeyBytes = 128

    // One page of a scan
    static let pageEntries = 10_000
    static let pageBytes = 16 << 20

    // One list of a leaf; one page of hints
    static let leafRows = 4096
    static let hintRows = 4096
    static let hintBytes = 16 << 20

    // What RocksDB may use
    static let itemsWriteBufferBytes = 16 << 20
    static let sideWriteBufferBytes = 8 << 20
    static let smallWriteBufferBytes = 1 << 20
    static let writeBuffers: Int32 = 3
    static let totalLogBytes: UInt64 = 64 << 20
    static let itemBlockBytes = 2048
    static let backgroundJobs: Int32 = 2
    static let openFiles: Int32 = 512
    static let manifestFileBytes = 4 << 20
    static let bytesPerSync: UInt64 = 1 << 20
    /// RocksDB's InfoLogLevel::HEADER_LEVEL, which its C interface does not name.
    static let headerLogLevel = 5

    // Disk space
    static let diskReserveBytes: UInt64 = 64 << 20
    /// The reserve on a small file system: this share of it.
    static let diskReserveShare: UInt64 = 20
    static let diskCheckMilliseconds = 100
    /// Between two looks at a quiet disk, and between two attempts to reopen a store that failed.
    static let tickMilliseconds = 1000
}
