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

    package init(table: TableID, key: ItemKey, item: StoredItem) {
        self.table = table
        self.key = key
        self.item = item
    }
}

/// What memory alone can say of a key.
package enum Peek: Equatable, Sendable {
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
}

/// The disk as the coordinator sees it. Bound to the loop: completions arrive there, once, never before the call
/// that names them has returned.
package protocol ReplicaStore: AnyObject {
    /// At least the clock of every version held, committed or not: a version stamped above it exceeds whatever this
    /// replica holds for any key, so a write needs no look-up of its own.
    var highestClock: HybridTimestamp { get }

    /// What memory can answer in a few microseconds, without a thread.
    func peek(_ table: TableID, _ key: ItemKey) -> Peek

    /// The same from the disk, by a worker.
    func fetch(
        _ table: TableID, _ key: ItemKey, completion: @escaping (Result<StoredItem?, StoreError>) -> Void)

    func submit(_ write: ReplicaWrite, completion: @escaping (WriteResult) -> Void)

    /// Creates or deletes a table.
    func submit(_ state: TableState, completion: @escaping (WriteResult) -> Void)

    /// Replaces the cluster record.
    func submit(clusterRecord: [UInt8], completion: @escaping (WriteResult) -> Void)

    /// Rows of a table in order, tombstones among them, because they hide older versions elsewhere.
    func page(_ request: PageRequest, completion: @escaping (Result<Page, StoreError>) -> Void)

    /// One for each partition, from memory.
    func sums(_ table: TableID) -> [PartitionSums]

    /// Whether what is left of the write queue is kept for what other nodes send: they were told "yes" by an admission
    /// of their own.
    var isCrowded: Bool { get }

    /// The last write that is on disk.
    var durableSequence: UInt64 { get }
}

extension ReplicaStore {
    /// Of a store without a queue.
    package var isCrowded: Bool { false }
}
