import Cluster
import Foundation

/// The mutation test of the simulation: each planted fault must be detected within a number of seeds, and the same
/// build without a planted fault must pass.
struct Mutants {
    /// The number of seeds within which the simulation must detect a planted fault, for the faults that need more than
    /// the usual number. Each is at least ten times the number of seeds that detection needed when it was measured.
    private static let seedsAllowed: [PlantedFault: Int] = [
        .readBeforeWHold: 300, .versionWithoutWriteID: 1500, .hintAckDeletesNewer: 900, .noMemoryOfPurge: 900,
        .markWithoutComparing: 450, .emptyDiskVotes: 700,
    ]
    private static let usualSeedsAllowed = 100
    private static let unmodifiedSeeds = 200

    let jobs: Int

    /// Runs the mutation test of the simulation. Returns false if a planted fault was not detected, or if a run without
    /// a planted fault failed.
    func run() throws -> Bool {
        var allCaught = true
        print(Self.row("fault", "within", "caught at", "violation"))
        for fault in PlantedFault.allCases {
            let allowed = Self.seedsAllowed[fault] ?? Self.usualSeedsAllowed
            let totals = try pool(seeds: allowed, fault: fault.rawValue).run()
            let caught = totals.failures.first
            if caught == nil { allCaught = false }
            let violation = caught?.sentence.split(separator: "\n").first.map(String.init) ?? "NOT DETECTED"
            print(Self.row(fault.rawValue, "\(allowed)", caught.map { "seed \($0.seed)" } ?? "-", violation))
            fflush(nil)
        }
        let unmodified = try pool(seeds: Self.unmodifiedSeeds, fault: nil).run()
        let violation = unmodified.failures.first?.sentence ?? "no violation"
        print(Self.row("none", "\(Self.unmodifiedSeeds)", "-", violation))
        return allCaught && unmodified.failures.isEmpty
    }

    private func pool(seeds: Int, fault: String?) -> WorkerPool {
        WorkerPool(first: 1, seeds: seeds, jobs: jobs, fault: fault, stopsAtFailure: true)
    }

    private static func row(_ fault: String, _ allowed: String, _ caught: String, _ violation: String) -> String {
        let columns = [(fault, 28), (allowed, 8), (caught, 11)].map { text, width in
            text + String(repeating: " ", count: max(1, width - text.count))
        }
        return columns.joined() + violation
    }
}
