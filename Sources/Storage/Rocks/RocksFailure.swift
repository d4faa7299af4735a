internal import CRocksDB

/// What RocksDB said when a call failed: "IO error: ...", "Corruption: ...", "Result incomplete: ...".
struct RocksFailure: Error, Equatable {
    let message: String

    /// The answer lies on the disk and the call was told not to go there.
    var isIncomplete: Bool { message.hasPrefix("Result incomplete") }
    var isCorruption: Bool { message.hasPrefix("Corruption") }
    var isNoSpace: Bool { message.contains("No space left on device") }
}

/// Runs one C call that reports failure through a trailing `char **`, whose string is ours to free.
func rocks<Result>(
    _ call: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
) throws(RocksFailure) -> Result {
    var message: UnsafeMutablePointer<CChar>?
    let result = call(&message)
    guard let message else { return result }
    defer { rocksdb_free(message) }
    throw RocksFailure(message: String(cString: message))
}

extension [UInt8] {
    /// The bytes as the `char *` and length that every RocksDB call takes.
    func withCharacters<Result>(_ body: (UnsafePointer<CChar>?, Int) -> Result) -> Result {
        withUnsafeBytes { body($0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count) }
    }
}
