/// The column families, in the order in which their handles are kept. The names are part of the storage format.
enum Family: Int, CaseIterable {
    /// RocksDB insists on it; always empty.
    case unused
    case meta
    case items
    case index
    case leaves
    case hints

    var name: String { ["default", "meta", "items", "index", "leaves", "hints"][rawValue] }

    /// Bounds the memory a family may fill before it is written out, and so what a start must replay.
    var writeBufferBytes: Int {
        switch self {
        case .items: StorageLimits.itemsWriteBufferBytes
        case .index, .meta: StorageLimits.sideWriteBufferBytes
        case .unused, .leaves, .hints: StorageLimits.smallWriteBufferBytes
        }
    }

    /// Looked up by whole key, often for keys that are not there; the others are scanned, or tiny.
    var isLookedUpByKey: Bool { self == .items || self == .hints }
}
