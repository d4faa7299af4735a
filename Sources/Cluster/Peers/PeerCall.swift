/// One operation that a node requests from another. All operations are idempotent; writes are identified by version.
package struct PeerCall: Equatable, Sendable {
    package enum Operation: Equatable, Sendable {
        /// Reads the version of a key.
        case version(TableState, ItemKey)
        /// Reads an item.
        case get(TableState, ItemKey)
        /// Writes a value or a tombstone.
        case put(TableState, ItemKey, StoredItem)
        case readTable(TableName)
        case writeTable(TableState)
        case page(PageRequest)
        /// Reads the totals of each partition of a table.
        case sums(TableState)

        // Operations between replicas that no client request causes.
        /// Writes a copy of an item that another replica holds.
        case repair(TableState, ItemKey, StoredItem)
        /// Reads all table states.
        case readCatalog
        /// Compares the partitions that both nodes hold.
        case compare(TreeDigest)
        /// Reads the leaf digests of some partitions.
        case leaves([PartitionID])
        case list(LeafRequest)
        /// Promises to reject writes up to this timestamp from now on.
        case promise(partition: PartitionID, HybridTimestamp)
        /// Purges tombstones up to this timestamp, which all replicas are known to hold.
        case purge(partition: PartitionID, HybridTimestamp)
    }

    package let operation: Operation
    /// The time until the caller's deadline, measured when the call is sent. A remaining time is sent instead of a
    /// deadline because wall clocks differ.
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

/// Requests one page of a table from one node. A scan merges the pages of all nodes.
package struct PageRequest: Equatable, Sendable {
    package let table: TableState
    /// The range: keys from `start` (inclusive) to `end` (exclusive), and after the key `after` in scan direction.
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
