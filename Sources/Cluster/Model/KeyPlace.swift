internal import Base

/// Where a key belongs: its partition, and within that the leaf whose record sums it up. Fixed by the key's hash and
/// the partition count that the cluster was formed with; both are part of the storage format.
package struct KeyPlace: Hashable, Sendable {
    package static let leavesPerPartition = 64

    package let partition: UInt16
    package let leaf: UInt8

    package init(partition: UInt16, leaf: UInt8) {
        self.partition = partition
        self.leaf = leaf
    }

    package init(key: ItemKey, partitions: Int) {
        let hash = xxh3(key.bytes)
        // The upper half scaled to the partition count; the leaf from low bits that the partition does not use.
        partition = UInt16(((hash >> 32) * UInt64(partitions)) >> 32)
        leaf = UInt8(hash & UInt64(Self.leavesPerPartition - 1))
    }
}
