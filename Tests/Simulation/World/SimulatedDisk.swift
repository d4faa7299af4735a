internal import Base
internal import Cluster

/// The durable state of one machine, which survives its processes. It contains every synced batch; of a batch that was
/// not synced when its process died, chance decides whether it is there.
final class SimulatedDisk {
    struct Address: Hashable {
        let table: TableID
        let key: ItemKey
    }

    enum Health {
        case good
        /// Writes are rejected before they are queued.
        case full
        /// The next sync fails, and then all reads and writes fail until the store is opened again.
        case broken
    }

    var health = Health.good
    /// The range from which the duration of a sync is drawn on a healthy disk.
    static let usualSyncMicroseconds = 100...5_000
    var syncMicroseconds = usualSyncMicroseconds
    private(set) var items: [Address: StoredItem] = [:]
    private(set) var tables: [TableName: TableState] = [:]
    /// The ids of deleted tables; the deletion has removed their rows.
    private(set) var dropped: Set<TableID> = []
    private(set) var rows: [ClusterRow: [UInt8]] = [:]
    private(set) var marks: [PartitionID: PurgeMark] = [:]
    private(set) var hints: [HintAddress: Hint] = [:]
    private(set) var hintTotals: [MemberIndex: HintTotals] = [:]
    private(set) var sequence: UInt64 = 0
    private(set) var highestClock = HybridTimestamp(rawValue: 0)
    private(set) var storeID: StoreID
    private(set) var bootCounter: UInt64 = 0
    /// The uptime of all earlier processes together, as of the last stored hint or hint settlement.
    private(set) var uptimeMilliseconds: UInt64 = 0

    struct HintAddress: Hashable, Comparable {
        let target: MemberIndex
        let place: RowPlace

        static func < (left: HintAddress, right: HintAddress) -> Bool {
            left.target != right.target ? left.target < right.target : left.place < right.place
        }
    }

    init(storeID: StoreID) {
        self.storeID = storeID
    }

    init(copying other: SimulatedDisk) {
        (storeID, bootCounter, uptimeMilliseconds) = (other.storeID, other.bootCounter, other.uptimeMilliseconds)
        (items, tables, dropped, rows) = (other.items, other.tables, other.dropped, other.rows)
        (marks, hints, hintTotals) = (other.marks, other.hints, other.hintTotals)
        (sequence, highestClock) = (other.sequence, other.highestClock)
    }

    /// Counts a process start. Called before the process serves anything.
    func incrementBootCounter() {
        bootCounter += 1
        if PlantedFault.hintsForgotten.isPlanted { hints = [:] }
    }

    func item(_ table: TableID, _ key: ItemKey) -> StoredItem? { items[Address(table: table, key: key)] }

    func mark(of partition: PartitionID) -> PurgeMark { marks[partition] ?? PurgeMark() }

    /// Makes a batch durable. A batch is one record of the write-ahead log, so all of it is applied or none.
    func apply(_ batch: SimulatedBatch) {
        for (address, item) in batch.items { items[address] = item }
        for state in batch.tables {
            if let old = tables.updateValue(state, forKey: state.name), state.isDeleted || state.id != old.id {
                dropped.insert(old.id)
            }
            let live = Set(tables.values.filter { !$0.isDeleted }.map(\.id))
            items = items.filter { live.contains($0.key.table) }
        }
        for (row, bytes) in batch.rows { rows[row] = bytes.isEmpty && row != .record ? nil : bytes }
        for (partition, mark) in batch.marks { marks[partition] = mark }
        for (address, hint) in batch.hints { hints[address] = hint }
        hintTotals.merge(batch.hintTotals) { $1 }
        storeID = batch.storeID ?? storeID
        uptimeMilliseconds = max(uptimeMilliseconds, batch.uptimeMilliseconds)
        highestClock = max(highestClock, batch.highestClock)
        sequence += batch.changes
    }

    var catalog: [TableState] { tables.values.sorted { $0.name < $1.name } }

    /// The rows of one table in key order.
    func rows(of table: TableID) -> [(key: ItemKey, item: StoredItem)] {
        items.filter { $0.key.table == table }.map { ($0.key.key, $0.value) }.sorted { $0.0 < $1.0 }
    }
}

/// The changes that the commit thread writes to the disk in one sync. A nil item or hint is a deletion.
struct SimulatedBatch {
    var items: [SimulatedDisk.Address: StoredItem?] = [:]
    var tables: [TableState] = []
    var rows: [ClusterRow: [UInt8]] = [:]
    var marks: [PartitionID: PurgeMark] = [:]
    var hints: [SimulatedDisk.HintAddress: Hint?] = [:]
    var hintTotals: [MemberIndex: HintTotals] = [:]
    var storeID: StoreID?
    var uptimeMilliseconds: UInt64 = 0
    var highestClock = HybridTimestamp(rawValue: 0)
    var changes: UInt64 = 0

    mutating func stage(_ item: StoredItem, at address: SimulatedDisk.Address) {
        items[address] = .some(item)
        highestClock = max(highestClock, item.version.clock)
        changes += 1
    }
}
