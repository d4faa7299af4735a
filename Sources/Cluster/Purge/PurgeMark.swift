/// Two timestamps of one replica of a partition that govern the purge of tombstones. Both only increase.
///
/// `promised` is durable on all N replicas before `purged` reaches it on any of them. From then on no late message can
/// change the rows that the replicas are about to compare, or bring back an item whose tombstone is about to be purged.
/// So when `purged` rises, every replica holds, for each row up to it on any replica, that row or a newer version. A
/// key without a row counts as deleted at `purged`.
package struct PurgeMark: Equatable, Sendable {
    /// The purge promise: late writes and hints with a version up to this timestamp are rejected. Only repairs, which
    /// copy rows of another replica, are accepted.
    package var promised = HybridTimestamp(rawValue: 0)
    /// The purge mark: every tombstone with a version up to this timestamp was held by all replicas and has been
    /// removed.
    package var purged = HybridTimestamp(rawValue: 0)

    package init() {}

    package init(promised: HybridTimestamp, purged: HybridTimestamp) {
        self.promised = promised
        self.purged = purged
    }
}

extension PurgeMark {
    /// Decides a write that is old enough to concern tombstones that are purged or about to be: it is rejected, or
    /// counts as already superseded by a delete. Nil if the write is to be handled like any other. Requires: `held`,
    /// the version on this replica, is nil or older than the write.
    ///
    /// [A coordinator frozen for longer than gc-grace, or a hint on a node whose clock was set back, delivers a write
    /// of a purged key: the deleted item comes back.]
    package func verdict(on write: ReplicaWrite, held: HeldVersion?) -> WriteResult? {
        let clock = write.item.version.clock
        guard clock <= promised else { return nil }
        guard write.isRepair else { return .expired }
        return held == nil && clock <= purged ? .superseded(by: .deleted(at: purged)) : nil
    }

    /// The tombstone that stands for every key of the partition without a row; nil while nothing was ever purged.
    package var deletion: StoredItem? {
        guard purged.rawValue > 0 else { return nil }
        return StoredItem(tombstone: .deleted(at: purged))
    }
}

extension Version {
    /// The version that stands for all tombstones purged up to `mark`; it is at least as high as each of them.
    package static func deleted(at mark: HybridTimestamp) -> Version { Version(clock: mark, writeID: .max) }

    /// Whether this version stands for purged tombstones up to its clock instead of a single write.
    package var isPurgeMark: Bool { writeID == .max }
}

/// One batch of a purge: raises the purge mark to `mark` and removes `rows`. A row is removed only if it still has the
/// version named here.
package struct Purge: Equatable, Sendable {
    package struct Row: Equatable, Sendable {
        package let table: TableID
        package let key: ItemKey
        package let version: Version

        package init(table: TableID, key: ItemKey, version: Version) {
            self.table = table
            self.key = key
            self.version = version
        }
    }

    package let partition: PartitionID
    package let mark: HybridTimestamp
    package let rows: [Row]

    package init(partition: PartitionID, mark: HybridTimestamp, rows: [Row]) {
        self.partition = partition
        self.mark = mark
        self.rows = rows
    }
}
