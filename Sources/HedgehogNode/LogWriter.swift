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
    /// Handed over at once when so much has gathered, else at the next `flush`: waking the thread for each line would
    /// cost more than the line.
    private static let gatheredBytes = 96 << 10

    private let lines = Mailbox<[UInt8]>(capacity: waitingBytes)
    private let ended = Mailbox<Bool>(capacity: 1)
    private let thread: WorkerThread
    private var gathered: [UInt8] = []
    private var gatheredLines: UInt64 = 0
    private(set) var droppedLines: UInt64 = 0

    /// Nil when the system has no thread to give.
    init?(descriptor: Int32) {
        let (lines, ended) = (lines, ended)
        let thread = WorkerThread {
            var batches: [[UInt8]] = []
            while lines.takeAll(into: &batches) {
                for batch in batches { write(batch, to: descriptor) }
            }
            _ = ended.post(true, weight: 1)
        }
        guard let thread else { return nil }
        self.thread = thread
    }

    /// `encode` appends one line, with its line end, to the bytes it is given.
    func append(_ encode: (inout [UInt8]) -> Void) {
        if gathered.isEmpty { gathered.reserveCapacity(Self.gatheredBytes + 4096) }
        encode(&gathered)
        gatheredLines += 1
        if gathered.count >= Self.gatheredBytes { flush() }
    }

    /// Hands what has gathered to the thread; to be called a few times a second.
    func flush() {
        guard !gathered.isEmpty else { return }
        if !lines.post(gathered, weight: gathered.count) { droppedLines += gatheredLines }
        gathered.removeAll()
        gatheredLines = 0
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
