internal import CRocksDB

/// RocksDB's message when a call failed: "IO error: ...", "Corruption: ...", "Result incomplete: ...".
struct RocksFailure: Error, Equatable {
    let message: String

    /// Whether a read that was allowed to use memory only failed because it needed a block from the disk.
    var isIncomplete: Bool { message.hasPrefix("Result incomplete") }
    var isCorruption: Bool { message.hasPrefix("Corruption") }
    var isNoSpace: Bool { message.contains("No space left on device") }
}

/// Runs one C call that reports failure through a trailing `char **`, whose string the caller must free.
func rocks<Output>(
    _ call: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Output
) throws(RocksFailure) -> Output {
    var message: UnsafeMutablePointer<CChar>?
    let result = call(&message)
    guard let message else { return result }
    defer { rocksdb_free(message) }
    throw RocksFailure(message: String(cString: message))
}

extension [UInt8] {
    /// The bytes as the `char *` and length that every RocksDB call takes.
    func withCharacters<Output>(_ body: (UnsafePointer<CChar>?, Int) -> Output) -> Output {
        withUnsafeBytes { body($0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count) }
    }
}
