internal import CXXHash

/// The 64-bit XXH3 hash of `bytes`. It places keys, names tables and sums records on disk, so its value for given
/// bytes is part of the storage format and never changes.
package func xxh3(_ bytes: Span<UInt8>) -> UInt64 {
    unsafe bytes.withUnsafeBytes { unsafe XXH3_64bits($0.baseAddress, $0.count) }
}

package func xxh3(_ bytes: [UInt8]) -> UInt64 {
    xxh3(bytes.span)
}
