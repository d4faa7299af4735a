internal import Cluster

/// Keeps the leaf records on the disk exact without writing one row for every leaf that a batch changes: a batch of 64
/// writes changes nearly 64 leaves, and one row for each took a fifth of the commit. A batch writes one journal entry
/// instead, with the new sums of all its leaves.
///
/// When the journal reaches its size limit, a checkpoint begins: the records of all leaves that the journal names are
/// written a few at a time in the following batches, and then the entries older than the checkpoint are deleted.
///
/// An entry holds sums, not differences. Replaying it over a record that a later batch wrote is therefore harmless,
/// because the later entries follow: the records and then all entries in order give the sums of the last batch.
struct LeafJournal: Sendable {
    /// The leaves whose records the checkpoint still has to write. A leaf that changes after the checkpoint began
    /// belongs to the next one.
    private struct Checkpoint {
        var pending: [LeafAddress]
        /// The number of the first journal entry that the checkpoint does not delete when it ends.
        let firstKept: UInt64
    }

    private var oldest: UInt64 = 0
    private var next: UInt64 = 0
    /// The size in bytes of the journal entries written since the last checkpoint began.
    private var bytes = 0
    /// The leaves changed since the last checkpoint began, whose records the next checkpoint writes.
    private var dirty: Set<LeafAddress> = []
    private var checkpoint: Checkpoint?
    private let limitBytes: Int

    init(limitBytes: Int = StorageLimits.leafJournalBytes) {
        self.limitBytes = limitBytes
    }

    /// Counts a leaf journal entry that was found when the store was opened. Entries come in ascending order.
    mutating func add(existing number: UInt64, bytes: Int, changed: [LeafAddress]) {
        if self.bytes == 0 { oldest = number }
        precondition(number >= next, "journal entries were added out of order")
        next = number + 1
        self.bytes += bytes
        dirty.formUnion(changed)
    }

    /// Adds to `batch` a journal entry with the changed leaves, and the next leaf records of a running checkpoint.
    /// `stored` returns the committed sums of leaves that this batch does not change.
    mutating func stage(
        _ changed: [LeafAddress: EntrySums], in batch: WriteBatch, of database: Database,
        stored: (LeafAddress) -> EntrySums
    ) {
        var entry: [UInt8] = []
        entry.reserveCapacity(changed.count * LeafChange.encodedBytes)
        for (address, sums) in changed {
            LeafChange(address: address, sums: sums).append(to: &entry)
            dirty.insert(address)
        }
        batch.put(database.handle(.meta), key: MetaRow.journalKey(next), value: entry)
        next += 1
        bytes += entry.count
        if bytes >= limitBytes, checkpoint == nil { beginCheckpoint() }
        // While a checkpoint runs, the batch writes at least twice as many leaf records as it changes leaves, so that
        // the checkpoint ends and the journal stays bounded.
        let count = max(StorageLimits.leafRecordsPerBatch, 2 * changed.count)
        advanceCheckpoint(by: count, in: batch, of: database) { changed[$0] ?? stored($0) }
    }

    /// Excludes a deleted table's leaves from the running checkpoint and from later ones.
    mutating func drop(_ table: TableID) {
        dirty = dirty.filter { $0.table != table }
        checkpoint?.pending.removeAll { $0.table == table }
    }

    private mutating func beginCheckpoint() {
        checkpoint = Checkpoint(pending: Array(dirty), firstKept: next)
        dirty.removeAll(keepingCapacity: true)
        bytes = 0
    }

    private mutating func advanceCheckpoint(
        by count: Int, in batch: WriteBatch, of database: Database, sums: (LeafAddress) -> EntrySums
    ) {
        guard var running = checkpoint else { return }
        // Swift copies an array on a change while two variables refer to it. With the property set to nil, only
        // `running` refers to the array `pending`, so that removing from it copies nothing.
        checkpoint = nil
        for address in running.pending.suffix(count) {
            var record: [UInt8] = []
            sums(address).append(to: &record)
            batch.put(database.handle(.leaves), key: RowKey.leaf(address), value: record)
        }
        running.pending.removeLast(min(count, running.pending.count))
        guard running.pending.isEmpty else { return checkpoint = running }
        batch.deleteRange(
            database.handle(.meta), start: MetaRow.journalKey(oldest), end: MetaRow.journalKey(running.firstKept))
        oldest = running.firstKept
    }
}
