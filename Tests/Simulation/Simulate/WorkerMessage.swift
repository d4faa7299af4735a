import Simulation

/// A line that a worker process writes to its standard output, for the process that started it.
enum WorkerMessage {
    case begun(UInt64)
    case ended(Run.Outcome)

    private static let separator: Character = "\t"

    var text: String {
        switch self {
        case .begun(let seed): return "begun\t\(seed)"
        case .ended(let outcome):
            let faults = Fault.Kind.allCases.map { String(outcome.faults[$0]) }.joined(separator: ",")
            let failure = (outcome.failure ?? "").split(separator: "\n", omittingEmptySubsequences: false)
            let fields: [String] = [
                "ended", "\(outcome.seed)", "\(outcome.operations)", "\(outcome.strongOperations)",
                "\(outcome.events)", "\(outcome.messages)", "\(outcome.transcriptHash)", faults,
                outcome.repairs.counts.map(String.init).joined(separator: ","), failure.joined(separator: "\u{1}"),
            ]
            return fields.joined(separator: String(Self.separator))
        }
    }

    init?(_ text: some StringProtocol) {
        let fields = text.split(separator: Self.separator, omittingEmptySubsequences: false)
        guard fields.count > 1, let seed = UInt64(fields[1]) else { return nil }
        if fields[0] == "begun" {
            self = .begun(seed)
            return
        }
        guard fields[0] == "ended", fields.count == 10, let operations = Int(fields[2]),
            let strong = Int(fields[3]), let events = UInt64(fields[4]), let messages = UInt64(fields[5]),
            let hash = UInt64(fields[6])
        else { return nil }
        var faults = FaultCounts()
        let counts = fields[7].split(separator: ",")
        for (kind, count) in zip(Fault.Kind.allCases, counts) { faults[kind] = Int(count) ?? 0 }
        let repairs = fields[8].split(separator: ",").map { Int($0) ?? 0 }
        let failure = fields[9].split(separator: "\u{1}", omittingEmptySubsequences: false).joined(separator: "\n")
        self = .ended(
            Run.Outcome(
                seed: seed, failure: failure.isEmpty ? nil : failure, operations: operations, strongOperations: strong,
                faults: faults, repairs: RepairCounts(counts: repairs), events: events, messages: messages,
                transcriptHash: hash, transcript: []))
    }
}
