/// One operation that a node asks of another. Every kind may be done twice: writes are told apart by their version.
package struct PeerCall: Equatable, Sendable {
    package enum Operation: Equatable, Sendable {
        /// Which version of the key is held.
        case version(TableState, ItemKey)
        /// The item itself.
        case get(TableState, ItemKey)
        /// A value, or a tombstone.
        case put(TableState, ItemKey, StoredItem)
        case readTable(TableName)
        case writeTable(TableState)
        case page(PageRequest)
        /// What each partition of the table sums up to.
        case sums(TableState)

        // Between replicas, on their own account.
        /// The same as `put`, from a replica that holds the item.
        case repair(TableState, ItemKey, StoredItem)
        /// Every table state.
        case readCatalog
        /// Whether the partitions that both nodes hold are equal, and where not.
        case compare(TreeDigest)
        /// The leaves of some partitions.
        case leaves([UInt16])
        case list(LeafRequest)
        /// To refuse what is as old as this from now on.
        case promise(partition: UInt16, HybridTimestamp)
        /// To forget tombstones up to here, which all replicas are known to hold.
        case purge(partition: UInt16, HybridTimestamp)
    }

    package let operation: Operation
    /// What the caller will still wait, from the moment the call leaves it. Deadlines travel as a remainder because
    /// wall clocks differ.
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

/// One page of a table from one node, for a scan that merges those of all.
package struct PageRequest: Equatable, Sendable {
    package let table: TableState
    /// Keys from here on, this one included; keys below `end`; keys behind `after` in the direction of the walk.
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
