/// What a replica of one partition has promised and done about old tombstones. Both only rise.
///
/// `promised` is durable on all N replicas before `purged` rises to it on any: from then on no late frame can change
/// what they are about to compare, or bring back what is about to be forgotten. So when `purged` rises, every replica
/// holds every row up to there that any holds, or a newer one of its key. A key that is not held counts as deleted at
/// `purged`.
package struct PurgeMark: Equatable, Sendable {
    /// Late frames and hints with a version up to here are refused: only copies of what another replica holds come in.
    package var promised = HybridTimestamp(rawValue: 0)
    /// Every tombstone up to here was held by all replicas, and is gone.
    package var purged = HybridTimestamp(rawValue: 0)

    package init() {}

    package init(promised: HybridTimestamp, purged: HybridTimestamp) {
        self.promised = promised
        self.purged = purged
    }
}

extension PurgeMark {
    /// What becomes of a write that would replace what is held, where the mark has a say in it; nil where it has none.
    /// Requires: `held` is older than the write, or nil.
    ///
    /// [A coordinator frozen longer than gc-grace, or a hint held by a node whose clock jumped back, brings a deleted
    /// item back.]
    package func verdict(on write: ReplicaWrite, held: HeldVersion?) -> WriteResult? {
        let clock = write.item.version.clock
        guard clock <= promised else { return nil }
        guard write.isRepair else { return .expired }
        return held == nil && clock <= purged ? .superseded(by: .deleted(at: purged)) : nil
    }

    /// The version that a key which is not held counts as; nil while nothing was ever purged.
    package var deletion: StoredItem? {
        guard purged.rawValue > 0 else { return nil }
        return StoredItem(tombstone: .deleted(at: purged))
    }
}

extension Version {
    /// That of whatever was purged up to `mark`: at least as high as any of it.
    package static func deleted(at mark: HybridTimestamp) -> Version { Version(clock: mark, writeID: .max) }

    /// No write: the memory that there may have been deletes up to its clock.
    package var isPurgeMark: Bool { writeID == .max }
}

/// Rows that a replica may forget, with the mark that allows it. All in one batch: `mark` rises and the rows go, those
/// that still bear the version named.
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
