internal import Base
internal import Cluster

/// The leaf sums in memory, readable from any thread. Only the commit thread changes them, after the change is durable.
final class SharedLeaves: Sendable {
    private let table: Locked<LeafTable>

    init(_ table: LeafTable) {
        self.table = Locked(table)
    }

    func sums(of address: LeafAddress) -> EntrySums {
        table.withLock { $0.sums(of: address) }
    }

    func summary(of table: TableID) -> TableSummary {
        self.table.withLock {
            let shared = $0.summary(of: table)
            return TableSummary(total: shared.total, partitions: shared.partitions.copied())
        }
    }

    var roots: [UInt64] { table.withLock { $0.roots.copied() } }

    func leaves(of partition: PartitionID) -> [UInt64] {
        table.withLock { $0.leaves(of: partition) }
    }

    func tombstones(of partition: PartitionID) -> UInt64 {
        table.withLock { $0.tombstones(of: partition) }
    }

    func tables(at place: KeyPlace) -> [TableID] {
        table.withLock { $0.tables(at: place) }
    }

    func apply(_ changed: [LeafAddress: EntrySums]) {
        table.withLock { table in
            for (address, sums) in changed { table.set(sums, of: address) }
        }
    }

    func drop(_ dead: TableID) {
        table.withLock { $0.drop(dead) }
    }

    func replaceAll(by fresh: LeafTable) {
        table.withLock { $0 = fresh }
    }
}

extension Array {
    /// Returns an array with storage of its own. An array that two threads hold shares its storage until one of them
    /// changes it; only the storage's reference count then orders their accesses, which ThreadSanitizer does not see.
    fileprivate func copied() -> [Element] {
        withUnsafeBufferPointer { Array($0) }
    }
}
