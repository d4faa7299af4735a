/// A call from one node to another. All operations are idempotent: a write is identified by its version.
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
        /// Reads the summary of each partition of a table.
        case sums(TableState)

        // Repair and purge.
        /// Writes an item that the caller read from a replica, whatever its age.
        case repair(TableState, ItemKey, StoredItem)
        /// Reads every table state.
        case readCatalog
        /// Compares the shared partitions of two members.
        case compare(TreeDigest)
        /// Reads the leaf digests of some partitions.
        case leaves([PartitionID])
        case list(LeafRequest)
        /// Has the replica reject writes with versions up to the mark from now on.
        case promise(partition: PartitionID, HybridTimestamp)
        /// Has the replica purge tombstones up to the mark, which all replicas hold.
        case purge(partition: PartitionID, HybridTimestamp)
    }

    package let operation: Operation
    /// How long the caller still waits when the call is sent. A remainder and not a time, because wall clocks differ.
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
    /// The range: keys from `start`, inclusive, to `end`, exclusive, and beyond `after` in the direction of the scan.
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
