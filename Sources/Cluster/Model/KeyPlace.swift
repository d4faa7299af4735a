internal import Base

/// The place of a key: its partition, and within it the leaf of the hash tree that summarizes the key. Determined by
/// the key's hash and the partition count of the cluster record; both are part of the storage format.
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
        // The partition is the upper half of the hash scaled to the partition count; the leaf uses the low bits, which
        // do not influence the partition.
        partition = PartitionID(rawValue: UInt16(((hash >> 32) * UInt64(partitions)) >> 32))
        leaf = UInt8(hash & UInt64(Self.leavesPerPartition - 1))
    }
}
