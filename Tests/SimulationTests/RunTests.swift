import Testing

@testable import Simulation

@Suite struct RunTests {
    /// A scenario with every kind of fault that is small enough for a debug build.
    private func smallScenario(_ change: (inout Scenario) -> Void = { _ in }) -> Scenario {
        var scenario = Scenario()
        scenario.workMilliseconds = 3_000
        scenario.clients = 3
        change(&scenario)
        return scenario
    }

    @Test("Runs of a few seeds violate no guarantee", arguments: 1...4 as ClosedRange<UInt64>)
    func noViolation(seed: UInt64) {
        let outcome = Run(seed: seed, scenario: smallScenario()).execute()
        #expect(outcome.failure == nil)
        #expect(outcome.strongOperations > 20)
    }

    @Test("Seed 417: a read after a table's rows were deleted, but before its catalog changed, does not find 'no item'")
    func readDuringTableDeletion() {
        #expect(Run(seed: 417).execute().failure == nil)
    }

    @Test("The same seed gives the same run, with and without a transcript")
    func repeats() {
        let first = Run(seed: 7, scenario: smallScenario()).execute()
        let second = Run(seed: 7, scenario: smallScenario(), keepsTranscript: true).execute()
        #expect(first.transcriptHash == second.transcriptHash)
        #expect(first.events == second.events)
        #expect(second.transcript.count > 100)
        #expect(Run(seed: 8, scenario: smallScenario()).execute().transcriptHash != first.transcriptHash)
    }

    @Test("Without faults no request on an existing table fails")
    func noFaults() {
        let scenario = smallScenario {
            $0.faults.intervalMilliseconds = nil
            $0.memoryMissPercent = 0
        }
        let outcome = Run(seed: 3, scenario: scenario, keepsTranscript: true).execute()
        #expect(outcome.failure == nil)
        #expect(outcome.faults.total == 0)
        #expect(outcome.transcript.contains { $0.contains("receives the answer") })
        #expect(!outcome.transcript.contains { $0.contains("receives the answer") && $0.contains("unavailable") })
    }

    @Test("Clusters of other sizes and with other quorums violate no guarantee", arguments: [
        (3, 3, 2, 2), (3, 3, 1, 3), (3, 3, 3, 2), (5, 5, 3, 3), (5, 3, 1, 3), (5, 1, 1, 1), (2, 2, 1, 2),
    ])
    func quorums(members: Int, replicas: Int, read: Int, write: Int) {
        let scenario = smallScenario {
            $0.members = members
            $0.replicas = replicas
            $0.readQuorum = read
            $0.writeQuorum = write
        }
        #expect(Run(seed: 11, scenario: scenario).execute().failure == nil)
    }
}
