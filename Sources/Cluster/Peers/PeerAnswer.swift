/// A replica's answer to one `PeerCall`.
package enum PeerAnswer: Equatable, Sendable {
    /// Answers `version`: nil if the replica certainly has no row. The replica rejects writes up to `floor`.
    case version(HeldVersion?, floor: HybridTimestamp)
    /// Answers `get`: nil if the replica certainly has no row.
    case item(StoredItem?)
    /// Answers `put`, `repair`, `promise`, `purge` and `writeTable`: the change is durable, or a newer one already was.
    case stored
    case superseded(by: Version)
    /// Answers `readTable`.
    case table(TableState?)
    case page(Page)
    /// Answers `sums`, in partition order.
    case sums([PartitionSums])
    /// Answers `readCatalog`.
    case catalog([TableState])
    /// Answers `compare`: nil if all partitions are equal, otherwise the roots of the shared partitions, in order.
    case roots([UInt64]?)
    /// Answers `leaves`, in the order of the call.
    case leaves([PartitionLeaves])
    /// Answers `list`.
    case rows(LeafList)

    // Answers to any call.
    /// This generation of the table is deleted. Nothing was done.
    case tableDeleted
    /// This member is recovering a lost or rolled-back disk and may not answer this call yet.
    case recovering
    /// The caller's deadline passed before the call was executed, or the write is older than the purge promise. Nothing
    /// was done.
    case expired
    /// A queue of the replica is full. Nothing was done.
    case overloaded
    /// The replica rejected the call, for the given reason. Nothing was done.
    case refused(String)
    /// The disk failed. It is unknown whether a write will be there after a restart.
    case failed(String)
}

extension PeerAnswer {
    /// Whether a write with this answer may have taken effect or may still do so.
    var mayHaveHappened: Bool {
        switch self {
        case .tableDeleted, .recovering, .expired, .overloaded, .refused: false
        case .version, .item, .stored, .superseded, .table, .page, .sums, .catalog, .roots, .leaves, .rows, .failed:
            true
        }
    }

    /// The reason of a failure, as text for operators and clients.
    package var explanation: String {
        switch self {
        case .tableDeleted: "the table was deleted"
        case .recovering: "recovering its disk"
        case .expired: "the operation arrived too late"
        case .overloaded: "overloaded"
        case .refused(let why), .failed(let why): why
        case .version, .item, .stored, .superseded, .table, .page, .sums, .catalog, .roots, .leaves, .rows:
            "unexpected kind of answer"
        }
    }

    /// Whether the call succeeded.
    var isSuccess: Bool {
        switch self {
        case .version, .item, .stored, .superseded, .table, .page, .sums, .catalog, .roots, .leaves, .rows: true
        case .tableDeleted, .recovering, .expired, .overloaded, .refused, .failed: false
        }
    }
}

/// The version of a row together with the checksum of its value, for comparing replicas.
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
        /// The item, or a tombstone, which hides older versions on other nodes. The value is empty if only keys were
        /// requested.
        package let item: StoredItem

        package init(key: ItemKey, item: StoredItem) {
            self.key = key
            self.item = item
        }
    }

    package let entries: [Entry]
    /// The last key examined if more keys follow; nil at the end of the range.
    package let next: ItemKey?

    package init(entries: [Entry], next: ItemKey?) {
        self.entries = entries
        self.next = next
    }
}

/// The totals of one partition of one table on one replica. Equal totals, including the hash, mean equal rows.
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
