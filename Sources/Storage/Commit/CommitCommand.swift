internal import Cluster

/// One request of the event loop to the commit thread. Each is answered by one `WriteResult`, in the order of
/// submission.
enum CommitCommand: Sendable {
    case shared(Shared)
    case exclusive(Exclusive)

    /// A command that may share a batch, and so a sync, with its neighbours in the queue.
    enum Shared: Sendable {
        case item(ReplicaWrite)
        /// The hint is stored indirectly, so that an element of the command queue is no larger than an item.
        indirect case hint(Hint)
        case settlements([HintSettlement])
    }

    /// A command that is committed in a batch of its own, because it changes state, such as the catalog or a purge
    /// mark, by which the commands after it are judged.
    enum Exclusive: Sendable {
        case table(TableState)
        case clusterRow(ClusterRow, [UInt8])
        case storeID(StoreID)
        case promise(HybridTimestamp, partition: PartitionID)
        case purge(Purge)
    }

    /// The size of the command in bytes, as counted towards the byte limits of the commit queue and of a batch.
    var weightBytes: Int {
        switch self {
        case .shared(let command): command.weightBytes
        case .exclusive(let command): command.weightBytes
        }
    }
}

extension CommitCommand.Shared {
    var weightBytes: Int {
        switch self {
        case .item(let write): write.key.bytes.count + write.item.value.count + StorageLimits.operationOverheadBytes
        case .hint(let hint): hint.weightBytes + StorageLimits.operationOverheadBytes
        case .settlements(let settlements):
            settlements.reduce(StorageLimits.operationOverheadBytes) { sum, settlement in
                sum + settlement.place.key.bytes.count + StorageLimits.rowOverheadBytes
            }
        }
    }

    /// Whether the command frees disk space. Such commands are accepted when the disk is full: they fit into the
    /// reserve.
    var freesSpace: Bool {
        switch self {
        case .settlements: true
        case .item, .hint: false
        }
    }
}

extension CommitCommand.Exclusive {
    var weightBytes: Int {
        switch self {
        case .purge(let purge):
            purge.rows.reduce(StorageLimits.operationOverheadBytes) { sum, row in
                sum + row.key.bytes.count + StorageLimits.rowOverheadBytes
            }
        case .clusterRow(_, let bytes): bytes.count + StorageLimits.operationOverheadBytes
        case .table, .storeID, .promise: StorageLimits.operationOverheadBytes
        }
    }

    /// Whether the command frees disk space. Such commands are accepted when the disk is full: they fit into the
    /// reserve.
    var freesSpace: Bool {
        switch self {
        case .table(let state): state.isDeleted
        case .purge: true
        case .clusterRow, .storeID, .promise: false
        }
    }

    /// Whether the durable sequence sent to peers includes this command. A peer stores each new sequence in a cluster
    /// row of its own; if cluster rows raised the sequence in turn, two idle nodes would write for ever.
    var raisesDurableSequence: Bool {
        switch self {
        case .table, .purge: true
        case .clusterRow, .storeID, .promise: false
        }
    }
}
