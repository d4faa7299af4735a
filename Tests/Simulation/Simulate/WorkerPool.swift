import Foundation
import Simulation
import Synchronization

/// Distributes the seeds over worker processes, a few at a time. A worker that traps fails only the seed that it was
/// executing.
struct WorkerPool {
    private static let seedsPerProcess: UInt64 = 100
    private static let seedsRepeated: UInt64 = 10

    let first: UInt64
    let seeds: Int
    let jobs: Int
    let fault: String?
    let stopsAtFailure: Bool

    static var executable: URL {
        URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
    }

    static func replay(_ seed: UInt64, fault: String?) -> [String] {
        ["--seed", "\(seed)", "--transcript"] + (fault.map { ["--fault", $0] } ?? [])
    }

    private struct Progress {
        var next: UInt64
        var totals = Totals()
    }

    func run() throws -> Totals {
        let end = first + UInt64(seeds)
        let progress = Mutex(Progress(next: first))
        DispatchQueue.concurrentPerform(iterations: jobs) { _ in
            while let range = take(progress, end) {
                let totals = work(through: range)
                progress.withLock { $0.totals.add(totals) }
            }
        }
        var totals = progress.withLock { $0.totals }
        if totals.failures.isEmpty { repeatSome(&totals) }
        return totals
    }

    /// Executes the first seeds a second time in another process, where the standard library hashes with another seed.
    /// The runs must be identical.
    private func repeatSome(_ totals: inout Totals) {
        let again = work(through: first..<min(first + Self.seedsRepeated, first + UInt64(seeds)))
        for (seed, hash) in again.hashes where totals.hashes[seed] != hash {
            totals.fail(seed, "the seed gave a different run when it was repeated in another process")
        }
    }

    private func take(_ progress: borrowing Mutex<Progress>, _ end: UInt64) -> Range<UInt64>? {
        progress.withLock { progress in
            if stopsAtFailure, !progress.totals.failures.isEmpty { return nil }
            guard progress.next < end else { return nil }
            // The first ranges of seeds are small, so that a failure at an early seed is reported early.
            let count = min(Self.seedsPerProcess, max(5, progress.next - first))
            let range = progress.next..<min(end, progress.next + count)
            progress.next = range.upperBound
            return range
        }
    }

    private func work(through range: Range<UInt64>) -> Totals {
        var totals = Totals()
        var next = range.lowerBound
        while next < range.upperBound, totals.failures.isEmpty || !stopsAtFailure {
            next = runWorker(next..<range.upperBound, &totals)
        }
        return totals
    }

    /// Executes a range of seeds in one worker process. Returns the seed to continue with: the one after the range, or
    /// the one after the seed at which the worker died.
    private func runWorker(_ range: Range<UInt64>, _ totals: inout Totals) -> UInt64 {
        let process = Process()
        let output = Pipe()
        let errors = Pipe()
        process.executableURL = Self.executable
        process.arguments =
            ["--worker", "--first", "\(range.lowerBound)", "--seeds", "\(range.count)"]
            + (fault.map { ["--fault", $0] } ?? [])
        process.standardOutput = output
        process.standardError = errors
        process.environment = ProcessInfo.processInfo.environment.merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
        do {
            try process.run()
        } catch {
            totals.fail(range.lowerBound, "the worker process cannot be started: \(error)")
            return range.upperBound
        }
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let last = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        var begun = range.lowerBound
        for line in text.split(separator: "\n").compactMap({ WorkerMessage($0) }) {
            switch line {
            case .begun(let seed): begun = seed
            case .ended(let outcome): totals.add(outcome)
            }
        }
        guard process.terminationReason == .exit, process.terminationStatus == 0 else {
            totals.fail(begun, "the worker process died: \(last.trimmingCharacters(in: .whitespacesAndNewlines))")
            return begun + 1
        }
        return range.upperBound
    }
}
