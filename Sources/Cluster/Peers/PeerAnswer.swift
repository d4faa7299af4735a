/// The answer of a replica to one `PeerCall`.
package enum PeerAnswer: Equatable, Sendable {
    /// The answer to a `version` call: the version of the key on the replica, nil when the replica certainly holds
    /// nothing. The replica rejects writes with versions up to `floor`.
    case version(HeldVersion?, floor: HybridTimestamp)
    /// The answer to a `get` call: the item, nil when the replica certainly holds nothing.
    case item(StoredItem?)
    /// The answer to a `put`, `repair`, `promise`, `purge` or `writeTable` call: the change is durable, or in the case
    /// of `superseded` a newer one was durable already.
    case stored
    case superseded(by: Version)
    /// Answers `readTable`.
    case table(TableState?)
    case page(Page)
    /// The answer to a `sums` call: the number of items, tombstones and bytes of a table, and the digest of its rows,
    /// for each partition in order.
    case sums([PartitionSums])
    /// Answers `readCatalog`.
    case catalog([TableState])
    /// The answer to a `compare` call: nil when the replicas are in sync, and otherwise one digest for each shared
    /// partition, in order.
    case roots([UInt64]?)
    /// The answer to a `leaves` call: the leaf digests of each partition, in the order of the call.
    case leaves([PartitionLeaves])
    /// Answers `list`.
    case rows(LeafList)

    // Failures, which may be the answer to any call.
    /// The replica knows that this generation of the table is deleted. Nothing was done.
    case tableDeleted
    /// The member recovers from the loss of its disk and does not answer reads meanwhile.
    case recovering
    /// Nothing was done, because the caller's deadline had passed before the call started, or because the write is so
    /// old that a tombstone of its key may have been purged already.
    case expired
    /// A queue of the replica is full. Nothing was done.
    case overloaded
    /// The replica rejects the call, with the reason. Nothing was done.
    case refused(String)
    /// The disk failed. A write may or may not become durable.
    case failed(String)
}

extension PeerAnswer {
    /// Whether a write that got this answer may have taken effect or may still take effect.
    var mayHaveHappened: Bool {
        switch self {
        case .tableDeleted, .recovering, .expired, .overloaded, .refused: false
        case .version, .item, .stored, .superseded, .table, .page, .sums, .catalog, .roots, .leaves, .rows, .failed:
            true
        }
    }

    /// The reason of a failed call, as text.
    package var explanation: String {
        switch self {
        case .tableDeleted: "the table was deleted"
        case .recovering: "recovering from the loss of its disk"
        case .expired: "the call expired"
        case .overloaded: "overloaded"
        case .refused(let why), .failed(let why): why
        case .version, .item, .stored, .superseded, .table, .page, .sums, .catalog, .roots, .leaves, .rows:
            "unexpected answer"
        }
    }

    var isSuccess: Bool {
        switch self {
        case .version, .item, .stored, .superseded, .table, .page, .sums, .catalog, .roots, .leaves, .rows: true
        case .tableDeleted, .recovering, .expired, .overloaded, .refused, .failed: false
        }
    }
}

/// The version of an item with the checksum of its value, as replicas compare them.
package struct HeldVersion: Equatable, Sendable {
    package let version: Version
    package let isTombstone: Bool
    package let checksum: UInt64

    package init(version: Version, isTombstone: Bool, checksum: UInt64) {
        self.version = version
        self.isTombstone = isTombstone
        self.checksum = checksum
    }
}

package struct Page: Equatable, Sendable {
    package struct Entry: Equatable, Sendable {
        package let key: ItemKey
        /// The item under the key. It may be a tombstone, which hides older versions on other nodes. Its value is empty
        /// when only keys were requested.
        package let item: StoredItem

        package init(key: ItemKey, item: StoredItem) {
            self.key = key
            self.item = item
        }
    }

    package let entries: [Entry]
    /// The last key of the page when the range continues after it; nil at the end of the range.
    package let next: ItemKey?

    package init(entries: [Entry], next: ItemKey?) {
        self.entries = entries
        self.next = next
    }
}

/// A summary of one partition of one table on one replica. Equal summaries mean equal rows.
package struct PartitionSums: Equatable, Sendable {
    package let hash: UInt64
    package let live: UInt64
    package let tombstones: UInt64
    package let bytes: UInt64

    package init(hash: UInt64, live: UInt64, tombstones: UInt64, bytes: UInt64) {
        self.hash = hash
        self.live = live
        self.tombstones = tombstones
        self.bytes = bytes
    }
}
