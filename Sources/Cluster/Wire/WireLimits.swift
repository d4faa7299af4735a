/// Limits of messages between nodes. The sender must stay within them; the receiver rejects a message that exceeds any
/// of them.
package enum WireLimits {
    package static let messageBytes = 64 << 20
    package static let callsPerBatch = 1024
    package static let requestIDBytes = RequestTrace.maximumRequestIDBytes
    package static let nodeIDBytes = 64
    /// The length of a host and port.
    package static let addressBytes = 255
    /// The length of a failure text. Longer texts are truncated by the sender.
    package static let reasonBytes = 1024
    /// The length of a range bound, which may be the successor of the longest key. The sender truncates longer bounds.
    package static let boundBytes = ItemKey.maximumBytes + 1
    package static let pageEntries = 1 << 16
    package static let pageBytes = 32 << 20
    package static let partitions = 1 << 16
    /// The number of partitions in one `leaves` call.
    package static let leavesPartitions = 64
    package static let leafRows = 4096
    package static let knownNodes = 256
    package static let recordBytes = 1 << 16
    package static let tablesInGossip = 100_000
    /// The highest wall clock reading: 48 bits as in a version, so that sums of times cannot overflow.
    package static let wallMilliseconds: UInt64 = 1 << 48 - 1
    /// The highest table generation, so that the next one cannot overflow.
    package static let generation: UInt64 = 1 << 63
}
