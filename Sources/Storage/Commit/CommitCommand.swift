internal import Cluster

/// What the loop asks of the commit thread. Each is answered by one `WriteResult`, in order.
enum CommitCommand: Sendable {
    case item(ReplicaWrite)
    /// Indirect, so that the queue's elements stay as small as an item.
    indirect case hint(Hint)
    case settle([HintSettlement])
    case table(TableState)
    case row(ClusterRow, [UInt8])
    case storeID(StoreID)
    case promise(HybridTimestamp, partition: UInt16)
    case purge(Purge)

    /// What it counts against the queue's bound.
    var weightBytes: Int {
        switch self {
        case .item(let write): write.key.bytes.count + write.item.value.count + StorageLimits.operationOverheadBytes
        case .hint(let hint): hint.weightBytes + StorageLimits.operationOverheadBytes
        case .settle(let hints):
            hints.reduce(StorageLimits.operationOverheadBytes) { sum, hint in
                sum + hint.place.key.bytes.count + StorageLimits.rowOverheadBytes
            }
        case .purge(let purge):
            purge.rows.reduce(StorageLimits.operationOverheadBytes) { sum, row in
                sum + row.key.bytes.count + StorageLimits.rowOverheadBytes
            }
        case .row(_, let bytes): bytes.count + StorageLimits.operationOverheadBytes
        case .table, .storeID, .promise: StorageLimits.operationOverheadBytes
        }
    }

    /// Whether it lands beside others of its kind; any other command is a batch of its own.
    var sharesBatch: Bool {
        switch self {
        case .item, .hint, .settle: true
        case .table, .row, .storeID, .promise, .purge: false
        }
    }

    /// Let through to a disk that is merely full: it is small enough for the reserve, and it is how room is made.
    var freesSpace: Bool {
        switch self {
        case .table(let state): state.isDeleted
        case .purge, .settle: true
        case .item, .hint, .row, .storeID, .promise: false
        }
    }

    /// Whether peers are told the sequence that it reaches. What they are told they keep in rows of their own: were
    /// those rows told of in turn, two idle nodes would write for ever.
    var countsForPeers: Bool {
        switch self {
        case .item, .hint, .settle, .table, .purge: true
        case .row, .storeID, .promise: false
        }
    }
}
