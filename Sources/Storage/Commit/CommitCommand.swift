internal import Cluster

/// What the loop asks of the commit thread. Each is answered by one `WriteResult`, in order.
enum CommitCommand: Sendable {
    case item(ReplicaWrite)
    case table(TableState)
    case clusterRecord([UInt8])

    /// What it counts against the queue's bound.
    var weightBytes: Int {
        switch self {
        case .item(let write): write.key.bytes.count + write.item.value.count + StoreLimits.operationOverheadBytes
        case .table: StoreLimits.operationOverheadBytes
        case .clusterRecord(let record): record.count + StoreLimits.operationOverheadBytes
        }
    }
}
