internal import Base
internal import Synchronization

/// Writes log lines to a descriptor on its own thread, so that a slow terminal, pipe or disk never blocks the loop. The
/// queue between loop and thread is bounded. Lines that do not fit, and lines that the descriptor does not take, are
/// dropped and counted. All methods must be called on the loop thread.
final class LogWriter {
    /// The capacity in bytes of the queue of the log thread: about 20,000 access lines, a good part of a second at full
    /// load.
    private static let waitingBytes = 8 << 20
    /// A buffer of log lines with this many bytes is passed to the log thread at once, a smaller one at the next
    /// `flush`. Waking the thread costs as much as writing thirty lines.
    fileprivate static let gatheredBytes = 128 << 10
    /// The log thread returns up to this many empty buffers for reuse. New memory for each buffer would evict the
    /// requests' data from the CPU cache.
    private static let keptBuffers = 4

    private let lines = Mailbox<[UInt8]>(capacity: waitingBytes)
    private let written = Mailbox<[UInt8]>(capacity: keptBuffers)
    private var empty: [[UInt8]] = []
    private let ended = Mailbox<Bool>(capacity: 1)
    private let thread: WorkerThread
    var gathered: [UInt8] = []
    private var gatheredLines: UInt64 = 0
    private var queueFullLines: UInt64 = 0
    private let unwritten = UnwrittenLines()

    /// The number of lines that did not fit into the queue or could not be written.
    var droppedLines: UInt64 { queueFullLines + unwritten.count.load(ordering: .relaxed) }

    /// Starts the log thread. Nil if the system cannot create a thread.
    init?(descriptor: Int32) {
        let (lines, written, ended, unwritten) = (lines, written, ended, unwritten)
        let thread = WorkerThread {
            var output = LogOutput(descriptor: descriptor)
            var batches: [[UInt8]] = []
            while lines.takeAll(into: &batches) {
                for batch in batches { unwritten.count.add(output.write(batch), ordering: .relaxed) }
                returnBuffers(&batches, to: written)
            }
            _ = ended.post(true, weight: 1)
        }
        guard let thread else { return nil }
        self.thread = thread
    }

    /// Begins a log line. Before `endLine`, the caller appends one line with its line feed to the buffer `gathered`. A
    /// method that takes a closure instead would be slower, because it would retain and release everything that the
    /// line is made of.
    func beginLine() {
        if gathered.capacity == 0 { takeEmptyBuffer() }
    }

    func endLine() {
        gatheredLines += 1
        if gathered.count >= Self.gatheredBytes { flush() }
    }

    /// Passes the buffered log lines to the log thread. Must be called a few times per second.
    func flush() {
        guard !gathered.isEmpty else { return }
        var full: [UInt8] = []
        swap(&full, &gathered)
        if !lines.post(full, weight: full.count) { queueFullLines += gatheredLines }
        gatheredLines = 0
    }

    private func takeEmptyBuffer() {
        if empty.isEmpty { written.takeWaiting(into: &empty) }
        gathered = empty.popLast() ?? []
        gathered.reserveCapacity(Self.gatheredBytes + 4096)
    }

    /// Flushes the buffered log lines and waits until the log thread has written everything, for at most `milliseconds`
    /// if the reader of the log is stuck.
    func close(withinMilliseconds milliseconds: Int) {
        flush()
        lines.close()
        var answer: [Bool] = []
        let outcome = ended.takeAll(into: &answer, waitingAtMostMilliseconds: milliseconds)
        if case .elements = outcome { thread.join() }
    }
}

private func returnBuffers(_ batches: inout [[UInt8]], to written: Mailbox<[UInt8]>) {
    while var buffer = batches.popLast() {
        buffer.removeAll(keepingCapacity: buffer.capacity <= 2 * LogWriter.gatheredBytes)
        _ = written.post(buffer, weight: 1)
    }
}

/// The number of lines that the log's thread could not write. Written by that thread, read by the loop.
private final class UnwrittenLines: Sendable {
    let count = Atomic<UInt64>(0)
}
