internal import Base
#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// Writes log lines to a descriptor on a thread of its own, so that a terminal, a pipe or a disk that does not take
/// them never holds the loop. What does not fit into the bounded space between is dropped, whole lines at a time, and
/// counted.
final class LogWriter {
    /// Some 20,000 access lines: a good part of a second under full load.
    private static let waitingBytes = 8 << 20
    /// Handed over at once when so much has gathered, else at the next `flush`: waking the thread costs as much as
    /// writing thirty lines.
    fileprivate static let gatheredBytes = 128 << 10
    /// Buffers go to the thread and back: fresh memory each time would drive what requests need out of the cache.
    private static let keptBuffers = 4

    private let lines = Mailbox<[UInt8]>(capacity: waitingBytes)
    private let written = Mailbox<[UInt8]>(capacity: keptBuffers)
    private var empty: [[UInt8]] = []
    private let ended = Mailbox<Bool>(capacity: 1)
    private let thread: WorkerThread
    var gathered: [UInt8] = []
    private var gatheredLines: UInt64 = 0
    private(set) var droppedLines: UInt64 = 0

    /// Nil when the system has no thread to give.
    init?(descriptor: Int32) {
        let (lines, written, ended) = (lines, written, ended)
        let thread = WorkerThread {
            var batches: [[UInt8]] = []
            while lines.takeAll(into: &batches) {
                for batch in batches { write(batch, to: descriptor) }
                giveBack(&batches, to: written)
            }
            _ = ended.post(true, weight: 1)
        }
        guard let thread else { return nil }
        self.thread = thread
    }

    /// Between these two one line is appended to `gathered`, with its line end. (Not a closure: it would retain, and
    /// release, all that a line is made of.)
    func beginLine() {
        if gathered.capacity == 0 { takeEmptyBuffer() }
    }

    func endLine() {
        gatheredLines += 1
        if gathered.count >= Self.gatheredBytes { flush() }
    }

    /// Hands what has gathered to the thread; to be called a few times a second.
    func flush() {
        guard !gathered.isEmpty else { return }
        var full: [UInt8] = []
        swap(&full, &gathered)
        if !lines.post(full, weight: full.count) { droppedLines += gatheredLines }
        gatheredLines = 0
    }

    private func takeEmptyBuffer() {
        if empty.isEmpty { written.takeWhatWaits(into: &empty) }
        gathered = empty.popLast() ?? []
        gathered.reserveCapacity(Self.gatheredBytes + 4096)
    }

    /// Flushes, and waits until everything is written, or `milliseconds` have passed with a reader that takes nothing.
    func close(withinMilliseconds milliseconds: Int) {
        flush()
        lines.close()
        var answer: [Bool] = []
        let outcome = ended.takeAll(into: &answer, waitingAtMostMilliseconds: milliseconds)
        if case .elements = outcome { thread.join() }
    }
}

private func giveBack(_ batches: inout [[UInt8]], to written: Mailbox<[UInt8]>) {
    while var buffer = batches.popLast() {
        buffer.removeAll(keepingCapacity: buffer.capacity <= 2 * LogWriter.gatheredBytes)
        _ = written.post(buffer, weight: 1)
    }
}

/// To the end, or until the descriptor is gone.
private func write(_ bytes: [UInt8], to descriptor: Int32) {
    var rest = bytes[...]
    while !rest.isEmpty {
        let written = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        if written > 0 {
            rest = rest.dropFirst(written)
        } else if errno == EAGAIN {
            // Whoever shares the descriptor has made it one that does not wait; so the waiting is done here.
            var readiness = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            poll(&readiness, 1, -1)
        } else if errno != EINTR {
            return
        }
    }
}
