internal import Base

/// The partition of a key, and the leaf of the partition's hash tree that covers it. Both follow from the key's hash
/// and the partition count of the cluster, and are part of the storage format.
package struct KeyPlace: Hashable, Sendable {
    package static let leavesPerPartition = 64

    package let partition: PartitionID
    package let leaf: UInt8

    package init(partition: PartitionID, leaf: UInt8) {
        self.partition = partition
        self.leaf = leaf
    }

    package init(key: ItemKey, partitions: Int) {
        let hash = xxh3(key.bytes)
        // The upper half is scaled to the partition count. The leaf uses low bits, which the partition does not use.
        partition = PartitionID(rawValue: UInt16(((hash >> 32) * UInt64(partitions)) >> 32))
        leaf = UInt8(hash & UInt64(Self.leavesPerPartition - 1))
    }
}
