/// What a message between nodes may hold. A message beyond any of these is refused whole by whoever receives it;
/// whoever sends keeps within them.
package enum WireLimits {
    package static let messageBytes = 64 << 20
    package static let callsPerBatch = 1024
    package static let requestIDBytes = RequestTrace.maximumRequestIDBytes
    package static let nodeIDBytes = NodeID.maximumBytes
    /// A host and a port.
    package static let addressBytes = 255
    /// What a replica says of a failure. A longer text is cut when it is sent.
    package static let reasonBytes = 1024
    /// The end of a range may be the successor of the longest key. Longer bounds are cut to this when they are sent.
    package static let boundBytes = ItemKey.maximumBytes + 1
    package static let pageEntries = 1 << 16
    package static let pageBytes = 32 << 20
    package static let partitions = 1 << 16
    /// Of one call for leaves.
    package static let leavesPartitions = 64
    package static let leafRows = 4096
    package static let knownNodes = 256
    package static let recordBytes = 1 << 16
    package static let tablesInGossip = 100_000
    /// Of wall clocks: as many bits as a version has for them, so that sums of times cannot overflow.
    package static let wallMilliseconds: UInt64 = 1 << 48 - 1
    /// The next generation is one more.
    package static let generation: UInt64 = 1 << 63
}
