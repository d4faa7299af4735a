internal import Base
internal import Cluster

/// What one machine keeps whatever becomes of its processes: only what was synced, and of the rest what luck left.
final class SimulatedDisk {
    struct Address: Hashable {
        let table: TableID
        let key: ItemKey
    }

    enum Health {
        case good
        /// Refuses writes before they begin.
        case full
        /// The next sync fails, and all reads and writes until the store is opened again.
        case broken
    }

    var health = Health.good
    /// Of one sync.
    static let usualSyncMicroseconds = 100...5_000
    var syncMicroseconds = usualSyncMicroseconds
    private(set) var items: [Address: StoredItem] = [:]
    private(set) var tables: [TableName: TableState] = [:]
    /// Tables whose rows went with them.
    private(set) var dropped: Set<TableID> = []
    private(set) var clusterRecord: [UInt8]?
    private(set) var sequence: UInt64 = 0
    private(set) var highestClock = HybridTimestamp(rawValue: 0)
    let storeID: StoreID
    private(set) var bootCounter: UInt64 = 0

    init(storeID: StoreID) {
        self.storeID = storeID
    }

    /// Before anything is served.
    func countBoot() {
        bootCounter += 1
    }

    func item(_ table: TableID, _ key: ItemKey) -> StoredItem? { items[Address(table: table, key: key)] }

    /// All of one batch, or nothing: a batch is one record of the write-ahead log.
    func land(_ batch: SimulatedBatch) {
        for (address, item) in batch.items { items[address] = item }
        for state in batch.tables {
            if let old = tables.updateValue(state, forKey: state.name), state.isDeleted || state.id != old.id {
                dropped.insert(old.id)
            }
            let live = Set(tables.values.filter { !$0.isDeleted }.map(\.id))
            items = items.filter { live.contains($0.key.table) }
        }
        clusterRecord = batch.clusterRecord ?? clusterRecord
        highestClock = max(highestClock, batch.highestClock)
        sequence += batch.changes
    }

    var catalog: [TableState] { tables.values.sorted { $0.name < $1.name } }

    /// Rows of one table in key order.
    func rows(of table: TableID) -> [(key: ItemKey, item: StoredItem)] {
        items.filter { $0.key.table == table }.map { ($0.key.key, $0.value) }.sorted { $0.0 < $1.0 }
    }
}

/// What the commit thread has judged, on its way to the disk.
struct SimulatedBatch {
    var items: [SimulatedDisk.Address: StoredItem] = [:]
    var tables: [TableState] = []
    var clusterRecord: [UInt8]?
    var highestClock = HybridTimestamp(rawValue: 0)
    var changes: UInt64 = 0

    mutating func stage(_ item: StoredItem, at address: SimulatedDisk.Address) {
        items[address] = item
        highestClock = max(highestClock, item.version.clock)
        changes += 1
    }
}
