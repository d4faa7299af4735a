/// A call from one node to another. All operations are idempotent: a write is identified by its version.
package struct PeerCall: Equatable, Sendable {
    package enum Operation: Equatable, Sendable {
        /// Reads the version of a key.
        case version(TableState, ItemKey)
        /// Reads an item.
        case get(TableState, ItemKey)
        /// Stores a value or a tombstone under a key.
        case put(TableState, ItemKey, StoredItem)
        case readTable(TableName)
        case writeTable(TableState)
        case page(PageRequest)
        /// Reads the number of items, tombstones and bytes, and the digest, of each partition of a table.
        case sums(TableState)

        /// Stores a copy of an item that the caller read from another replica. It is accepted at an age at which a
        /// client's late write would be rejected.
        case repair(TableState, ItemKey, StoredItem)
        /// Reads the member's table catalog, deleted tables included.
        case readCatalog
        /// Starts an anti-entropy session: compares the caller's digest of the partitions that both members hold with
        /// the digest of the called member.
        case compare(TreeDigest)
        /// Reads the leaf digests of some partitions.
        case leaves([PartitionID])
        case list(LeafRequest)
        /// Asks the replica to reject, from now on, client writes with versions up to the given timestamp, as all
        /// replicas must before they purge tombstones of that age.
        case promise(partition: PartitionID, HybridTimestamp)
        /// Tells the replica to purge the tombstones of a partition up to a purge mark. Requires: all replicas hold
        /// these tombstones.
        case purge(partition: PartitionID, HybridTimestamp)
    }

    package let operation: Operation
    /// How long the caller still waits for the answer, in milliseconds, measured when the call is sent. It is a
    /// duration and not a point in time, because the wall clocks of nodes differ.
    package var remainingMilliseconds: UInt32
    package let trace: RequestTrace

    package init(_ operation: Operation, remainingMilliseconds: UInt32, trace: RequestTrace) {
        self.operation = operation
        self.remainingMilliseconds = remainingMilliseconds
        self.trace = trace
    }

    func traced(by work: RequestTrace) -> PeerCall {
        PeerCall(operation, remainingMilliseconds: remainingMilliseconds, trace: work)
    }
}

/// Requests one page of a table from one member. A scan merges the pages of all members.
package struct PageRequest: Equatable, Sendable {
    package let table: TableState
    /// The range of the scan: keys from `start`, inclusive, to `end`, exclusive, and beyond `after` in scan direction.
    package var start: [UInt8]?
    package var end: [UInt8]?
    package var prefix: [UInt8] = []
    package var after: [UInt8]?
    package var reverse = false
    package var keysOnly = false
    package var limit: Int = 1000
    package var maximumBytes: Int = 1 << 18

    package init(table: TableState) {
        self.table = table
    }
}
