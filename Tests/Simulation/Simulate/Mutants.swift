import Cluster
import Foundation

/// Shows that the simulation can fail: every planted fault is caught within so many seeds, and the same build without
/// one keeps every promise.
struct Mutants {
    /// Ten times what each took when this was written, or more, so that chance has room.
    private static let seedsAllowed: [PlantedFault: Int] = [
        .readBeforeWHold: 300, .versionWithoutWriteID: 1500, .hintAckDeletesNewer: 900, .noMemoryOfPurge: 900,
        .markWithoutComparing: 450, .emptyDiskVotes: 700,
    ]
    private static let usualSeedsAllowed = 100
    private static let soundSeeds = 200

    let jobs: Int

    /// False when a fault was not caught, or something was caught where nothing is planted.
    func run() throws -> Bool {
        var allCaught = true
        print(Self.row("fault", "within", "caught at", "what was seen"))
        for fault in PlantedFault.allCases {
            let allowed = Self.seedsAllowed[fault] ?? Self.usualSeedsAllowed
            let totals = try fleet(seeds: allowed, fault: fault.rawValue).run()
            let caught = totals.failures.first
            if caught == nil { allCaught = false }
            let seen = caught?.sentence.split(separator: "\n").first.map(String.init) ?? "NOTHING"
            print(Self.row(fault.rawValue, "\(allowed)", caught.map { "seed \($0.seed)" } ?? "-", seen))
            fflush(nil)
        }
        let sound = try fleet(seeds: Self.soundSeeds, fault: nil).run()
        print(Self.row("none", "\(Self.soundSeeds)", "-", sound.failures.first?.sentence ?? "every promise kept"))
        return allCaught && sound.failures.isEmpty
    }

    private func fleet(seeds: Int, fault: String?) -> Fleet {
        Fleet(first: 1, seeds: seeds, jobs: jobs, fault: fault, stopsAtFailure: true)
    }

    private static func row(_ fault: String, _ allowed: String, _ caught: String, _ seen: String) -> String {
        let columns = [(fault, 28), (allowed, 8), (caught, 11)].map { text, width in
            text + String(repeating: " ", count: max(1, width - text.count))
        }
        return columns.joined() + seen
    }
}
