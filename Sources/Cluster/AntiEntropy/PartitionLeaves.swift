internal import Base

/// Digests of everything that two nodes share: one over the roots of the partitions that both hold, one over the table
/// catalog. Equal digests mean that the replicas are in sync.
package struct TreeDigest: Equatable, Sendable {
    package let roots: UInt64
    package let catalog: UInt64

    package init(roots: UInt64, catalog: UInt64) {
        self.roots = roots
        self.catalog = catalog
    }

    /// Hashes the roots of the partitions that both nodes hold, in partition order.
    init(ofRoots roots: [UInt64], catalog: UInt64) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(8 * roots.count)
        for root in roots { bytes.appendBigEndian(root) }
        self.init(roots: xxh3(bytes), catalog: catalog)
    }
}

/// The leaf digests of one partition on one replica, over all live tables.
package struct PartitionLeaves: Equatable, Sendable {
    package let partition: PartitionID
    package let purged: HybridTimestamp
    /// The replica is recovering a lost disk, so a row that it lacks was not necessarily purged.
    package let isRecovering: Bool
    /// One digest per leaf of the partition, in leaf order.
    package let digests: [UInt64]

    package init(partition: PartitionID, purged: HybridTimestamp, isRecovering: Bool, digests: [UInt64]) {
        self.partition = partition
        self.purged = purged
        self.isRecovering = isRecovering
        self.digests = digests
    }
}

extension ReplicaStore {
    /// A digest of all rows of a partition and its purge mark.
    func root(of partition: PartitionID, _ roots: [UInt64]) -> UInt64 {
        var bytes: [UInt8] = []
        bytes.appendBigEndian(roots[partition])
        bytes.appendBigEndian(mark(of: partition).purged.rawValue)
        return xxh3(bytes)
    }

    func leaves(of partition: PartitionID, isRecovering: Bool) -> PartitionLeaves {
        PartitionLeaves(
            partition: partition, purged: mark(of: partition).purged, isRecovering: isRecovering,
            digests: leaves(of: partition))
    }
}
