package import Cluster

// What members that heal one another ask of a store: trees to compare, marks of what may be forgotten, hints for those
// that are away.

extension Store {
    /// By partition: the XOR of the digests of all rows of live tables. As exact as `summary`.
    package var roots: [UInt64] { leaves.roots }

    /// The same for each leaf of one partition.
    package func leaves(of partition: Int) -> [UInt64] { leaves.leaves(of: partition) }

    package func tombstones(of partition: Int) -> UInt64 { leaves.tombstones(of: partition) }

    /// As of the last delivered commit.
    package func mark(of partition: Int) -> PurgeMark { kept.marks[UInt16(partition)] ?? PurgeMark() }

    /// By target, of every target that ever had any; as of the last delivered commit.
    package var hintTotals: [Int: HintTotals] { kept.hintTotals }

    /// How long the store has been open in all its life, but for what a crash made it forget: never less than any hint
    /// it holds was stored at.
    package var uptimeMilliseconds: UInt64 { uptime.milliseconds }
}

extension Store {
    /// Raises what is promised for a partition, durably. From the call on, no version is stamped that the promise would
    /// refuse.
    package func submit(
        promise: HybridTimestamp, partition: Int, completion: @escaping (WriteResult) -> Void
    ) {
        exceed(promise)
        post(.promise(promise, partition: UInt16(partition)), completion)
    }

    /// Requires: its rows are of its partition. A purge is taken even while the disk is merely full.
    package func submit(_ purge: Purge, completion: @escaping (WriteResult) -> Void) {
        precondition(purge.rows.count <= StorageLimits.rowsPerCommand, "a purge names more rows than a batch may hold")
        exceed(purge.mark)
        post(.purge(purge), completion)
    }

    /// Lands beside the items that were submitted before and after it.
    package func submit(_ hint: Hint, completion: @escaping (WriteResult) -> Void) {
        post(.hint(hint), completion)
    }

    /// Removes those hints that still bear the version named. Taken even while the disk is merely full.
    package func settle(_ hints: [HintSettlement], completion: @escaping (WriteResult) -> Void) {
        precondition(hints.count <= StorageLimits.rowsPerCommand, "more hints were settled than a batch may hold")
        post(.settle(hints), completion)
    }
}
