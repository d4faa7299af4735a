import Testing

@testable import Simulation

@Suite struct RunTests {
    /// Small enough for a debug build, with every kind of fault.
    private func smallScenario(_ change: (inout Scenario) -> Void = { _ in }) -> Scenario {
        var scenario = Scenario()
        scenario.workMilliseconds = 3_000
        scenario.clients = 3
        change(&scenario)
        return scenario
    }

    @Test("A few seeds keep every promise", arguments: 1...4 as ClosedRange<UInt64>)
    func keeps(seed: UInt64) {
        let outcome = Run(seed: seed, scenario: smallScenario()).play()
        #expect(outcome.failure == nil)
        #expect(outcome.strongOperations > 20)
    }

    @Test("Seed 417: a read between the loss of a table's rows and the news of it does not find 'nothing'")
    func readDuringTableDeletion() {
        #expect(Run(seed: 417).play().failure == nil)
    }

    @Test("The same seed is the same run, whether its transcript is kept or not")
    func repeats() {
        let first = Run(seed: 7, scenario: smallScenario()).play()
        let second = Run(seed: 7, scenario: smallScenario(), keepsTranscript: true).play()
        #expect(first.transcriptHash == second.transcriptHash)
        #expect(first.events == second.events)
        #expect(second.transcript.count > 100)
        #expect(Run(seed: 8, scenario: smallScenario()).play().transcriptHash != first.transcriptHash)
    }

    @Test("Without faults nothing is refused but what no table stands for")
    func calm() {
        let scenario = smallScenario {
            $0.faults.gapMilliseconds = nil
            $0.coldPercent = 0
        }
        let outcome = Run(seed: 3, scenario: scenario, keepsTranscript: true).play()
        #expect(outcome.failure == nil)
        #expect(outcome.faults.total == 0)
        #expect(!outcome.transcript.contains { $0.contains("is told") && $0.contains("unavailable") })
    }

    @Test("Clusters of other sizes and quorums form and serve", arguments: [
        (3, 3, 2, 2), (3, 3, 1, 3), (3, 3, 3, 2), (5, 5, 3, 3), (5, 3, 1, 3), (5, 1, 1, 1), (2, 2, 1, 2),
    ])
    func quorums(members: Int, replicas: Int, read: Int, write: Int) {
        let scenario = smallScenario {
            $0.members = members
            $0.replicas = replicas
            $0.readQuorum = read
            $0.writeQuorum = write
        }
        #expect(Run(seed: 11, scenario: scenario).play().failure == nil)
    }
}
