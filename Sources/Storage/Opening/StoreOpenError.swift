/// The reason why a data directory could not be opened. Its description is one sentence for the operator.
package enum StoreOpenError: Error, Equatable, Sendable {
    case locked(directory: String)
    case otherNode(directory: String, stored: String, given: String)
    case otherPartitions(directory: String, stored: Int, given: Int)
    case otherFormat(directory: String, stored: Int, supported: Int)
    case notADirectory(path: String)
    case notPermitted(path: String)
    case noSpace(directory: String)
    /// The file system of the data directory is mounted read-only.
    case readOnly(directory: String)
    /// The directory holds a RocksDB database of another program.
    case notAStore(directory: String, why: String)
    case damaged(directory: String, why: String)
    case inputOutput(directory: String, why: String)
}

extension StoreOpenError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .locked(let directory):
            "the data directory \(directory) is in use by another process"
        case .otherNode(let directory, let stored, let given):
            "the data directory \(directory) belongs to node \(stored), not to \(given)"
        case .otherPartitions(let directory, let stored, let given):
            "the data directory \(directory) was created with \(stored) partitions and cannot be opened with \(given)"
        case .otherFormat(let directory, let stored, let supported):
            "the data directory \(directory) has storage format \(stored), and this version reads only \(supported)"
        case .notADirectory(let path):
            "the data directory \(path) is not a directory"
        case .notPermitted(let path):
            "the data directory \(path) cannot be read and written by this user: permission denied"
        case .readOnly(let path):
            "the data directory \(path) is on a read-only file system; mount it writable, or choose another "
                + "directory with --data-dir"
        case .noSpace(let directory):
            "the file system of the data directory \(directory) is too full to open it"
        case .notAStore(let directory, let why):
            "the data directory \(directory) does not hold a HedgehogDB store: \(why)"
        case .damaged(let directory, let why):
            "the data directory \(directory) is damaged: \(why)"
        case .inputOutput(let directory, let why):
            "the data directory \(directory) could not be opened: \(why)"
        }
    }
}
