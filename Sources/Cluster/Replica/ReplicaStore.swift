internal import Base

/// An item as a replica holds it: a value, or the tombstone that a delete left.
package struct StoredItem: Equatable, Sendable {
    package let version: Version
    package let isTombstone: Bool
    /// The JSON object byte for byte as it was sent; empty for a tombstone.
    package let value: [UInt8]

    package init(version: Version, isTombstone: Bool, value: [UInt8]) {
        self.version = version
        self.isTombstone = isTombstone
        self.value = value
    }

    /// Of the value, for comparing what replicas hold under one version.
    package var checksum: UInt64 { xxh3(value) }
}

/// One versioned write as it reaches a replica. Applying it twice, or after a newer one, changes nothing.
package struct ReplicaWrite: Sendable {
    package let table: TableID
    package let key: ItemKey
    package let item: StoredItem
    /// It comes from anti-entropy: from a replica that holds it, not from a request that may be older than anyone
    /// remembers.
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

/// What memory alone can say of a key.
package enum MemoryLookup: Equatable, Sendable {
    case found(StoredItem)
    case absent
    case needsDisk
    case failed(StoreError)
}

/// A replica could not read what it holds. Never to be taken for "absent".
package enum StoreError: Error, Equatable, Sendable {
    /// A checksum or a record's shape is wrong.
    case damaged(String)
    case inputOutput(String)
    /// Too many reads wait for the disk already. Nothing was read.
    case overloaded
    /// The table went away while it was being read.
    case tableDeleted
    case closed
}

extension StoreError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .damaged(let message): "a stored record is damaged: \(message)"
        case .inputOutput(let message): "the disk failed: \(message)"
        case .overloaded: "too many reads wait for the disk"
        case .tableDeleted: "the table was deleted"
        case .closed: "the store is closed"
        }
    }
}

package enum WriteResult: Equatable, Sendable {
    /// On disk, and readable.
    case committed
    /// The replica already held this version or a newer one, durably: an acknowledgement all the same.
    case superseded(by: Version)
    /// The replica has promised to refuse what is that old: it may have forgotten that the key was deleted. Nothing was
    /// written.
    case expired
    /// The table's generation is deleted or unknown here. Nothing was written.
    case tableDeleted
    /// Nothing of it reached a commit batch.
    case refused(WriteRefusal)
    /// The disk failed under the batch: it may or may not come back when the store reopens.
    case failed(String)
}

package enum WriteRefusal: Equatable, Sendable {
    case queueFull
    case diskFull
    case inputOutput(String)
    case closing
    /// The hints kept already fill their budget.
    case hintBudget
}

/// The disk as the coordinator sees it. Bound to the loop: completions arrive there, once, never before the call
/// that names them has returned.
package protocol ReplicaStore: AnyObject {
    /// At least the clock of every version held, committed or not: a version stamped above it exceeds whatever this
    /// replica holds for any key, so a write needs no look-up of its own.
    var highestClock: HybridTimestamp { get }

    /// What memory can answer in a few microseconds, without a thread.
    func peek(_ table: TableID, _ key: ItemKey) -> MemoryLookup

    /// The same from the disk, by a worker.
    func fetch(
        _ table: TableID, _ key: ItemKey, completion: @escaping (Result<StoredItem?, StoreError>) -> Void)

    func submit(_ write: ReplicaWrite, completion: @escaping (WriteResult) -> Void)

    /// Creates or deletes a table.
    func submit(_ state: TableState, completion: @escaping (WriteResult) -> Void)

    /// Replaces a row; no bytes remove it.
    func submit(_ row: ClusterRow, _ bytes: [UInt8], completion: @escaping (WriteResult) -> Void)

    /// Gives the store another id: what it holds is no longer what the cluster believes of the old one.
    func submit(storeID: StoreID, completion: @escaping (WriteResult) -> Void)

    /// Rows of a table in order, tombstones among them, because they hide older versions elsewhere.
    func page(_ request: PageRequest, completion: @escaping (Result<Page, StoreError>) -> Void)

    /// One for each partition, from memory.
    func sums(_ table: TableID) -> [PartitionSums]

    /// Whether what is left of the write queue is kept for what other nodes send: they were told "yes" by an admission
    /// of their own.
    var isOverloaded: Bool { get }

    /// The last change of items or tables that is on disk.
    var durableSequence: UInt64 { get }

    /// How long this store has been open in all its life, as of the last times that it kept that, never less.
    var uptimeMilliseconds: UInt64 { get }

    /// The batch that the write was in whose completion is being called; nil of one that reached none, and elsewhere.
    var lastCommit: CommitTimes? { get }

    // Trees. From memory; exact as of the last commit.

    /// One for each partition: the XOR of the digests of all rows of live tables.
    var roots: [UInt64] { get }

    /// The same for each of the leaves of one partition.
    func leaves(of partition: PartitionID) -> [UInt64]

    /// How many tombstones the partition's rows are.
    func tombstones(of partition: PartitionID) -> UInt64

    /// By a worker.
    func list(_ request: LeafRequest, completion: @escaping (Result<LeafList, StoreError>) -> Void)

    // Purge.

    func mark(of partition: PartitionID) -> PurgeMark

    /// Raises what is promised for the partition; a lower promise than the held one changes nothing.
    func submit(promise: HybridTimestamp, partition: PartitionID, completion: @escaping (WriteResult) -> Void)

    func submit(_ purge: Purge, completion: @escaping (WriteResult) -> Void)

    // Hints.

    /// By target, of every target that ever had any; as of the last commit.
    var hintTotals: [MemberIndex: HintTotals] { get }

    /// `.committed`: it is durable. `.superseded`: one as new or newer was there. It waits its turn in the queue that
    /// items wait in, so that it lands with those submitted beside it.
    func submit(_ hint: Hint, completion: @escaping (WriteResult) -> Void)

    /// Removes those of the hints that are still there, and keeps the account.
    func settle(_ hints: [HintSettlement], completion: @escaping (WriteResult) -> Void)

    /// The next hints of one target in the order of their places, at least one if there is any, of about so many bytes.
    /// By a worker.
    func hints(
        of target: MemberIndex, after: RowPlace?, limit: Int, maximumBytes: Int,
        completion: @escaping (Result<[Hint], StoreError>) -> Void)
}

extension ReplicaStore {
    /// Of a store without a queue.
    package var isOverloaded: Bool { false }

    /// Of a store that keeps no time.
    package var lastCommit: CommitTimes? { nil }
}
