internal import Cluster

/// Keeps leaf records exact without writing one row for every leaf that a batch touches: a batch of 64 writes touches
/// nearly 64 of them, and a row in each took a fifth of the commit. The batch writes one journal entry instead, with
/// the new sums of all its leaves. When the journal has grown to its bound, the records of all leaves changed since are
/// written a few at a time beside ordinary batches, and then the entries from before that began are deleted.
///
/// Entries hold sums, not differences, so replaying one over a record that is newer only by entries which follow does
/// no harm: reading the records and then every entry in order gives the sums of the last batch.
struct LeafJournal: Sendable {
    /// The records being brought up to date. Whoever changes after it began stays dirty for the next time.
    private struct Checkpoint {
        var pending: [LeafAddress]
        /// The first entry that must outlive it.
        let firstKept: UInt64
    }

    private var oldest: UInt64 = 0
    private var next: UInt64 = 0
    private var bytes = 0
    private var dirty: Set<LeafAddress> = []
    private var checkpoint: Checkpoint?
    private let limitBytes: Int

    init(limitBytes: Int = StorageLimits.leafJournalBytes) {
        self.limitBytes = limitBytes
    }

    /// Takes over an entry found at the opening. In order.
    mutating func adopt(number: UInt64, bytes: Int, changed: [LeafAddress]) {
        if self.bytes == 0 { oldest = number }
        precondition(number >= next, "journal entries were adopted out of order")
        next = number + 1
        self.bytes += bytes
        dirty.formUnion(changed)
    }

    /// Adds to `batch` what makes the changed leaves durable. `stored` gives the sums of leaves that did not change.
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
        // Faster than entries come, or the journal would grow without a bound behind large batches.
        let count = max(StorageLimits.leafRecordsPerBatch, 2 * changed.count)
        advanceCheckpoint(by: count, in: batch, of: database) { changed[$0] ?? stored($0) }
    }

    /// The table's records and entries mean nothing any more.
    mutating func forget(_ table: TableID) {
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
        // Not a copy: what `running` holds is taken out, so that removing from it stays cheap.
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
