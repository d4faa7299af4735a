// RocksDB reports only as an English sentence why a database could not be opened, so its words are searched.

extension StoreOpenError {
    init(_ failure: RocksFailure, directory: String) {
        let message = failure.message
        if failure.isNoSpace {
            self = .noSpace(directory: directory)
        } else if message.contains("LOCK: ") || message.contains("lock hold by current process") {
            self = .locked(directory: directory)
        } else if message.contains("Permission denied") {
            self = .notPermitted(path: directory)
        } else if message.contains("Column families not opened") {
            self = .notAStore(directory: directory, why: message)
        } else if failure.isCorruption {
            self = .damaged(directory: directory, why: message)
        } else {
            self = .inputOutput(directory: directory, why: message)
        }
    }
}
