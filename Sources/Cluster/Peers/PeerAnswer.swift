/// What a replica answers to one `PeerCall`.
package enum PeerAnswer: Equatable, Sendable {
    /// To `version`: nil when the replica holds nothing, for sure. Writes up to `floor` are refused there.
    case version(HeldVersion?, floor: HybridTimestamp)
    /// To `get`: nil when the replica holds nothing, for sure.
    case item(StoredItem?)
    /// To `put`, `repair`, `promise`, `purge` and `writeTable`: durable here now, or something newer was already.
    case stored
    case superseded(by: Version)
    /// To `readTable`.
    case table(TableState?)
    case page(Page)
    /// To `sums`: one for each partition, in order.
    case sums([PartitionSums])
    /// To `readCatalog`.
    case catalog([TableState])
    /// To `compare`: nil when all is equal, and else one digest for each partition that both nodes hold, in order.
    case roots([UInt64]?)
    /// To `leaves`, in the order of the call.
    case leaves([PartitionLeaves])
    /// To `list`.
    case rows(LeafList)

    // To any of them.
    /// The generation is deleted here. Nothing was done.
    case tableDeleted
    /// This member lost its disk or part of it, and may not answer reads until it is whole.
    case recovering
    /// The caller's deadline had passed before the call was begun, or the write is as old as what may be forgotten
    /// here. Nothing was done.
    case expired
    /// Too much waits here. Nothing was done.
    case overloaded
    /// The store takes no writes just now, and says why. Nothing was done.
    case refused(String)
    /// The disk failed; of a write it is not known whether it will be there.
    case failed(String)
}

extension PeerAnswer {
    /// Whether a write that was answered so may be there, or come to be.
    var mayHaveHappened: Bool {
        switch self {
        case .tableDeleted, .recovering, .expired, .overloaded, .refused: false
        case .version, .item, .stored, .superseded, .table, .page, .sums, .catalog, .roots, .leaves, .rows, .failed:
            true
        }
    }

    /// For people, of an answer that is none.
    package var explanation: String {
        switch self {
        case .tableDeleted: "the table was deleted"
        case .recovering: "it lost its disk and is not whole yet"
        case .expired: "the operation came too late"
        case .overloaded: "it is overloaded"
        case .refused(let why), .failed(let why): why
        case .version, .item, .stored, .superseded, .table, .page, .sums, .catalog, .roots, .leaves, .rows:
            "it answered something else than was asked"
        }
    }

    /// Whether what was asked was done.
    var isSuccess: Bool {
        switch self {
        case .version, .item, .stored, .superseded, .table, .page, .sums, .catalog, .roots, .leaves, .rows: true
        case .tableDeleted, .recovering, .expired, .overloaded, .refused, .failed: false
        }
    }
}

/// A version as replicas compare it: with the checksum of its value.
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
        /// A tombstone is an entry too: it hides older versions on other nodes. Without a value when only keys were
        /// asked for.
        package let item: StoredItem

        package init(key: ItemKey, item: StoredItem) {
            self.key = key
            self.item = item
        }
    }

    package let entries: [Entry]
    /// The last key looked at when there is more behind it; nil once the range is exhausted.
    package let next: ItemKey?

    package init(entries: [Entry], next: ItemKey?) {
        self.entries = entries
        self.next = next
    }
}

/// What one partition of one table sums up to on one replica. Equal sums mean equal rows.
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
