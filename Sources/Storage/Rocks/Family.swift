/// The column families, in the order of their handles. Their names are part of the storage format.
enum Family: Int, CaseIterable {
    /// RocksDB requires a default family. It is always empty.
    case unused
    case meta
    case items
    case index
    case leaves
    case hints

    var name: String { ["default", "meta", "items", "index", "leaves", "hints"][rawValue] }

    /// The memtable size at which RocksDB flushes a column family to a table file. It bounds the memory for unflushed
    /// rows, and so the log that is replayed at the next opening.
    var writeBufferBytes: Int {
        switch self {
        case .items: StorageLimits.itemsWriteBufferBytes
        case .index, .meta: StorageLimits.sideWriteBufferBytes
        case .unused, .leaves, .hints: StorageLimits.smallWriteBufferBytes
        }
    }

    /// Whether the rows of a column family are looked up by whole key, often for keys that are absent. The other
    /// families are scanned, or tiny.
    var isLookedUpByKey: Bool { self == .items || self == .hints }
}
