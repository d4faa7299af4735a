package import Cluster

// The parts of the store that repair uses: leaf digests for anti-entropy, purge marks, and hints for other members.

extension Store {
    /// The anti-entropy digests of this node, indexed by partition: each is the XOR of the digests of all entries that
    /// the partition has in live tables. They include every write whose completion was called.
    package var roots: [UInt64] { leaves.roots }

    /// The digests of one partition's leaves, indexed by leaf.
    package func leaves(of partition: PartitionID) -> [UInt64] { leaves.leaves(of: partition) }

    package func tombstones(of partition: PartitionID) -> UInt64 { leaves.tombstones(of: partition) }

    /// The partition's purge mark, with all changes whose commit the event loop has processed.
    package func mark(of partition: PartitionID) -> PurgeMark { meta.purgeMarks[partition] ?? PurgeMark() }

    /// The counts and bytes of the hints for each member that a hint was ever stored for, keyed by member index. They
    /// include all changes whose commit the event loop has processed.
    package var hintTotals: [MemberIndex: HintTotals] { meta.hintTotals }

    /// The time that the store has been open in all runs together. A crash loses at most the time since the last hint
    /// was stored, so this is never below the uptime at which a stored hint was stored.
    package var uptimeMilliseconds: UInt64 { uptime.milliseconds }
}

extension Store {
    /// Raises the promise of a partition's purge mark, durably. The highest clock rises at the call, so that this node
    /// creates no more versions that the promise rejects.
    package func submit(
        promise: HybridTimestamp, partition: PartitionID, completion: @escaping (WriteResult) -> Void
    ) {
        raiseHighestClock(to: promise)
        post(.exclusive(.promise(promise, partition: partition)), completion)
    }

    /// Raises a partition's purge mark and removes the rows that the purge names. Requires: these rows are in that
    /// partition. Accepted while the disk is full, because it frees space.
    package func submit(_ purge: Purge, completion: @escaping (WriteResult) -> Void) {
        precondition(purge.rows.count <= StorageLimits.rowsPerCommand, "a purge names more rows than a batch may hold")
        raiseHighestClock(to: purge.mark)
        post(.exclusive(.purge(purge)), completion)
    }

    package func submit(_ hint: Hint, completion: @escaping (WriteResult) -> Void) {
        post(.shared(.hint(hint)), completion)
    }

    /// Removes hints that are delivered, superseded or expired. A hint that a newer version has replaced in the
    /// meantime stays. Accepted while the disk is full, because it frees space.
    package func settle(_ hints: [HintSettlement], completion: @escaping (WriteResult) -> Void) {
        precondition(hints.count <= StorageLimits.rowsPerCommand, "more hints were settled than a batch may hold")
        post(.shared(.settlements(hints)), completion)
    }
}
