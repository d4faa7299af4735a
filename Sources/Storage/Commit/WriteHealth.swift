internal import Cluster

/// Decides whether the commit thread may write. There are two reasons to refuse: the free disk space is below the
/// reserve, which ends by itself, and a fault, which ends when the database has been reopened.
struct WriteHealth {
    private(set) var disk: DiskSpaceMonitor
    /// The reason to refuse writes since a write, a flush or a compaction failed; nil while the database works. After a
    /// failure RocksDB refuses writes until it is reopened, and its log may end in the middle of a batch.
    private(set) var fault: WriteRefusal?
    private var reportedState = StoreState.writable

    init(disk: DiskSpaceMonitor) {
        self.disk = disk
    }

    /// The reason to refuse a command now. Commands that free space are accepted while the disk is merely full.
    func refusal(freesSpace: Bool) -> WriteRefusal? {
        fault ?? (disk.isFull && !freesSpace ? .diskFull : nil)
    }

    /// The store's state, if it differs from the one that this method last returned; otherwise nil.
    mutating func takeStateChange() -> StoreState? {
        let state = refusal(freesSpace: false).map { StoreState.refusing($0) } ?? .writable
        guard state != reportedState else { return nil }
        reportedState = state
        return state
    }

    mutating func checkDisk(nowNanoseconds: UInt64) { disk.refresh(nowNanoseconds: nowNanoseconds) }

    mutating func countWritten(bytes: Int) { disk.countWritten(bytes: bytes) }

    mutating func fail(_ failure: RocksFailure) {
        fault = failure.isNoSpace ? .diskFull : .inputOutput(failure.message)
    }

    mutating func fail(_ error: StoreOpenError) {
        if case .noSpace = error {
            fault = .diskFull
        } else {
            fault = .inputOutput("\(error)")
        }
    }

    /// Detects a failed flush or compaction. Both run on RocksDB's own threads, so no call returns their errors.
    mutating func checkBackgroundErrors(in database: Database) {
        guard fault == nil, database.property("rocksdb.background-errors") > 0 else { return }
        fault = disk.isFull ? .diskFull : .inputOutput("a flush or a compaction failed")
    }

    /// Ends the fault, so that the commit thread may write again. Called when the database has been reopened.
    mutating func clearFault() { fault = nil }
}
