import Simulation

/// The results of all executed seeds together: counts, failures and transcript hashes.
struct Totals {
    struct Failure {
        let seed: UInt64
        let sentence: String
    }

    private(set) var seeds = 0
    private var operations = 0
    private var strongOperations = 0
    private var events: UInt64 = 0
    private var messages: UInt64 = 0
    private var faults = FaultCounts()
    private var repairs = RepairCounts()
    private(set) var failures: [Failure] = []
    /// The hash of each run's transcript, by the seed of the run.
    private(set) var hashes: [UInt64: UInt64] = [:]

    mutating func add(_ outcome: Run.Outcome) {
        seeds += 1
        hashes[outcome.seed] = outcome.transcriptHash
        operations += outcome.operations
        strongOperations += outcome.strongOperations
        events += outcome.events
        messages += outcome.messages
        faults.add(outcome.faults)
        repairs.add(outcome.repairs)
        if let sentence = outcome.failure { fail(outcome.seed, sentence) }
    }

    mutating func fail(_ seed: UInt64, _ sentence: String) {
        failures.append(Failure(seed: seed, sentence: sentence))
        failures.sort { $0.seed < $1.seed }
    }

    mutating func add(_ other: Totals) {
        seeds += other.seeds
        operations += other.operations
        strongOperations += other.strongOperations
        events += other.events
        messages += other.messages
        faults.add(other.faults)
        repairs.add(other.repairs)
        hashes.merge(other.hashes) { first, _ in first }
        failures = (failures + other.failures).sorted { $0.seed < $1.seed }
    }

    var line: String {
        let kinds = Fault.Kind.allCases.map { "\($0.rawValue) \(faults[$0])" }.joined(separator: ", ")
        let verdict = failures.isEmpty ? "no violation" : "\(failures.count) seeds FAILED"
        return "simulate: \(seeds) seeds, \(operations) operations (\(strongOperations) strong), "
            + "\(faults.total) faults (\(kinds)), \(repairs.hintsDelivered) hints delivered, "
            + "\(repairs.rowsRepaired) rows repaired, \(repairs.tombstonesPurged) tombstones purged, "
            + "\(repairs.disksRecovered) disks recovered, \(messages) messages, \(events) events: \(verdict)"
    }
}
