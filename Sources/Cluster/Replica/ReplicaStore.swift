internal import Base

/// An item as stored by a replica: a value, or the tombstone of a delete.
package struct StoredItem: Equatable, Sendable {
    package let version: Version
    package let isTombstone: Bool
    /// The JSON object, byte for byte as the client sent it; empty for a tombstone.
    package let value: [UInt8]

    package init(version: Version, isTombstone: Bool, value: [UInt8]) {
        self.version = version
        self.isTombstone = isTombstone
        self.value = value
    }

    /// The XXH3 hash of the value, which detects different values under one version.
    package var checksum: UInt64 { xxh3(value) }
}

/// One versioned write to a replica. It is idempotent, and has no effect after a newer write of the same key.
package struct ReplicaWrite: Sendable {
    package let table: TableID
    package let key: ItemKey
    package let item: StoredItem
    /// Whether this write copies an item from another replica, by anti-entropy, read repair or write-back. Such a
    /// repair is accepted even if it is older than the purge promise, which rejects late client writes.
    package let isRepair: Bool

    package init(table: TableID, key: ItemKey, item: StoredItem, isRepair: Bool = false) {
        self.table = table
        self.key = key
        self.item = item
        self.isRepair = isRepair
    }

    package var place: RowPlace { RowPlace(table: table, key: key) }
}

extension ReplicaWrite: Equatable {}

/// The result of a lookup that reads only memory.
package enum MemoryLookup: Equatable, Sendable {
    case found(StoredItem)
    case absent
    case needsDisk
    case failed(StoreError)
}

/// Why a replica could not read an item. It never means that the item is absent.
package enum StoreError: Error, Equatable, Sendable {
    /// A checksum or the structure of a record is wrong.
    case damaged(String)
    case inputOutput(String)
    /// The queue of disk reads is full. Nothing was read.
    case overloaded
    /// The table was deleted during the read.
    case tableDeleted
    case closed
}

extension StoreError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .damaged(let message): "a stored record is damaged: \(message)"
        case .inputOutput(let message): "the disk failed: \(message)"
        case .overloaded: "the disk read queue is full"
        case .tableDeleted: "the table was deleted"
        case .closed: "the store is closed"
        }
    }
}

package enum WriteResult: Equatable, Sendable {
    /// The write is durable and readable.
    case committed
    /// The replica already held this or a newer version durably, which counts as an acknowledgement.
    case superseded(by: Version)
    /// The write is so old that a tombstone of its key may have been purged already: before a purge, this replica
    /// promised to reject late writes up to a timestamp, and the write is not newer than that. Nothing was written.
    case expired
    /// This generation of the table is deleted or unknown here. Nothing was written.
    case tableDeleted
    /// The write was rejected before it reached a commit batch.
    case refused(WriteRefusal)
    /// The commit failed. After the store is reopened, the write may or may not be there.
    case failed(String)
}

package enum WriteRefusal: Equatable, Sendable {
    case queueFull
    case diskFull
    case inputOutput(String)
    case closing
    /// Pending hints already use the whole hint budget.
    case hintBudget
}

/// The local store as used by this module. Bound to the loop: each completion is called on the loop exactly once, never
/// before the call that passed it has returned.
package protocol ReplicaStore: AnyObject {
    /// An upper bound of the clocks of all versions in the store, committed or in the queue. A version above it is
    /// newer than anything this replica holds for any key, so a write needs no lookup in the local store.
    var highestClock: HybridTimestamp { get }

    /// Looks an item up in memory only, within a few microseconds.
    func peek(_ table: TableID, _ key: ItemKey) -> MemoryLookup

    /// Reads an item from disk on a worker thread.
    func fetch(
        _ table: TableID, _ key: ItemKey, completion: @escaping (Result<StoredItem?, StoreError>) -> Void)

    func submit(_ write: ReplicaWrite, completion: @escaping (WriteResult) -> Void)

    /// Creates or deletes a table.
    func submit(_ state: TableState, completion: @escaping (WriteResult) -> Void)

    /// Replaces a metadata row. Empty `bytes` remove it.
    func submit(_ row: ClusterRow, _ bytes: [UInt8], completion: @escaping (WriteResult) -> Void)

    /// Assigns a new store id, after the cluster has found that this store was rolled back.
    func submit(storeID: StoreID, completion: @escaping (WriteResult) -> Void)

    /// Reads rows of a table in key order, including tombstones, because these hide older versions on other nodes.
    func page(_ request: PageRequest, completion: @escaping (Result<Page, StoreError>) -> Void)

    /// The number of items, tombstones and bytes of a table, and the digest of its rows, for each partition of this
    /// replica. Read from memory.
    func sums(_ table: TableID) -> [PartitionSums]

    /// Whether the remaining space of the write queue is reserved for other nodes' writes, which their coordinators
    /// have already admitted. New client writes are rejected then.
    var isOverloaded: Bool { get }

    /// The sequence number of the last durable change of items or tables.
    var durableSequence: UInt64 { get }

    /// The cumulative time in milliseconds that this store has been open, over all runs. It never decreases.
    var uptimeMilliseconds: UInt64 { get }

    /// While the completion of a write runs: the times of the commit batch that contained the write, or nil if it was
    /// decided without a batch. At all other times nil.
    var lastCommit: CommitTimes? { get }

    // The Merkle trees of the partitions, which are kept in memory and describe the rows as of the last commit.

    /// By partition, the XOR of the digests of all rows of live tables.
    var roots: [UInt64] { get }

    /// By leaf of one partition, the XOR of the digests of all its rows of live tables.
    func leaves(of partition: PartitionID) -> [UInt64]

    /// The number of tombstones in the partition.
    func tombstones(of partition: PartitionID) -> UInt64

    /// Reads one page of a leaf's rows on a worker thread.
    func list(_ request: LeafRequest, completion: @escaping (Result<LeafList, StoreError>) -> Void)

    // Purge.

    func mark(of partition: PartitionID) -> PurgeMark

    /// Durably raises the timestamp up to which this replica rejects late writes to the partition, as it must before
    /// tombstones of that age are purged. A timestamp below the current one has no effect.
    func submit(promise: HybridTimestamp, partition: PartitionID, completion: @escaping (WriteResult) -> Void)

    func submit(_ purge: Purge, completion: @escaping (WriteResult) -> Void)

    // Hints.

    /// By target, the hint totals of every target that ever had a hint, as of the last commit.
    var hintTotals: [MemberIndex: HintTotals] { get }

    /// Stores a hint. The result is `.superseded` if a hint with the same or a newer version exists. Hints share the
    /// items' write queue and commit batches.
    func submit(_ hint: Hint, completion: @escaping (WriteResult) -> Void)

    /// Removes the given hints that still exist, and updates the totals.
    func settle(_ hints: [HintSettlement], completion: @escaping (WriteResult) -> Void)

    /// Reads the next hints of one target in `RowPlace` order on a worker thread: at least one if any is left, and
    /// about `maximumBytes` in total.
    func hints(
        of target: MemberIndex, after: RowPlace?, limit: Int, maximumBytes: Int,
        completion: @escaping (Result<[Hint], StoreError>) -> Void)
}

extension ReplicaStore {
    /// Stores without a write queue never reject a write because of overload.
    package var isOverloaded: Bool { false }

    /// Nil, for stores that do not measure when a commit batch was queued, written and synced.
    package var lastCommit: CommitTimes? { nil }
}
