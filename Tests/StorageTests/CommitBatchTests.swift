import Base
import Cluster
import Testing

@testable import Storage

/// The batches that the commit thread makes of commands that were all queued before it started.
@Suite struct CommitBatchTests {
    private let users: TableState

    init() throws {
        users = try table("users")
    }

    /// Runs the committer until it has emptied the queue. `body` gets the outcomes of its batches.
    private func commit(_ commands: [CommitCommand], _ body: ([CommitOutcome], Database) throws -> Void) throws {
        let scratch = try Scratch()
        let engine = try Engine(directory: scratch.path + "/store", blockCacheBytes: 1 << 20, openFiles: 64)
        defer { engine.close() }
        let database = try #require(engine.commitThreadDatabase)
        let options = StoreFixture.smallOptions
        _ = try StoreIdentity.loadOrCreate(database, directory: "", nodeID: "n", partitions: options.partitions)
        let loaded = try LoadedState(reading: database, directory: "", partitions: options.partitions)
        let queue = Mailbox<CommitCommand>(capacity: .max)
        for command in commands { #expect(queue.post(command, weight: command.weightBytes)) }
        queue.close()
        let outcomes = CommitOutcomeMailbox(wake: {})
        let dependencies = Committer.Dependencies(
            engine: engine, commands: queue, outcomes: outcomes, leaves: SharedLeaves(loaded.leaves),
            gauges: SharedGauges(), uptime: CumulativeUptime(earlierMilliseconds: 0), options: options)
        Committer(dependencies, loaded: loaded).run()
        try body(outcomes.takeAll().filter { !$0.results.isEmpty }, database)
    }

    @Test("An item, its hints and a settlement share a batch; a table, a purge and a promise are batches of their own")
    func together() throws {
        let write = put(users.id, "a", 5)
        let place = KeyPlace(key: write.key, partitions: 16)
        let purge = Purge(
            partition: place.partition, mark: HybridTimestamp(rawValue: 6),
            rows: [Purge.Row(table: users.id, key: write.key, version: version(5))])
        let commands: [CommitCommand] = [
            .exclusive(.table(users)), .shared(.item(write)), .shared(.hint(hint(1, write))),
            .shared(.hint(hint(2, write))), .shared(.settlements([settlement(hint(1, write))])),
            .exclusive(.purge(purge)),
            .exclusive(.promise(HybridTimestamp(rawValue: 9), partition: place.partition)),
            .shared(.item(put(users.id, "b", 20))),
        ]
        try commit(commands) { outcomes, _ in
            #expect(outcomes.flatMap(\.results) == [WriteResult](repeating: .committed, count: 8))
            #expect(outcomes.compactMap(\.report).map(\.operations) == [1, 4, 1, 1, 1])
            #expect(outcomes[1].report?.applied == 4)
            #expect(outcomes[1].changes.hintTotals[1]?.delivered == 1)
            #expect(outcomes[1].changes.hintTotals[2]?.pending == 1)
            #expect(outcomes[3].changes.purgeMarks[place.partition]?.promised == HybridTimestamp(rawValue: 9))
        }
    }

    @Test("A promise above the highest clock raises the clock's row in the same batch")
    func clock() throws {
        try commit([.exclusive(.promise(HybridTimestamp(rawValue: 9), partition: 0))]) { _, database in
            let clock = try MetaReader(database: database, directory: "").highestClock()
            #expect(clock == HybridTimestamp(rawValue: 9))
        }
    }

    @Test("A batch ends at its limit of commands and at its limit of bytes, but holds at least one command")
    func limits() throws {
        let small = (0..<1500).map { CommitCommand.shared(.item(put(users.id, "k\($0)", 1))) }
        try commit([.exclusive(.table(users))] + small) { outcomes, _ in
            #expect(outcomes.map(\.results.count) == [1, 1024, 476])
        }
        let large = String(repeating: "x", count: 3 << 20)
        let larger = String(repeating: "x", count: StorageLimits.bytesPerBatch)
        let values = [large, large, large, larger, "{}"].enumerated().map { number, value in
            CommitCommand.shared(.item(put(users.id, "k\(number)", 1, value)))
        }
        try commit([.exclusive(.table(users))] + values) { outcomes, _ in
            #expect(outcomes.map(\.results.count) == [1, 2, 1, 1, 1])
        }
    }
}
