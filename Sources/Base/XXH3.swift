internal import CXXHash

/// The 64-bit XXH3 hash of `bytes`. It assigns keys to partitions, derives table ids and is the checksum of records on
/// disk, so its value for given bytes is part of the storage format and must never change.
package func xxh3(_ bytes: Span<UInt8>) -> UInt64 {
    unsafe bytes.withUnsafeBytes { unsafe XXH3_64bits($0.baseAddress, $0.count) }
}

package func xxh3(_ bytes: [UInt8]) -> UInt64 {
    xxh3(bytes.span)
}
