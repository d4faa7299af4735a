import Base
import Cluster
import Testing

@testable import Storage

/// The commit thread's work on commands that had all gathered before it looked.
@Suite struct CommitBatchTests {
    private let users: TableState

    init() throws {
        users = try table("users")
    }

    private func commit(_ commands: [CommitCommand], _ body: (Delivery, Database) throws -> Void) throws {
        let scratch = try Scratch()
        let engine = try Engine(directory: scratch.path + "/store", blockCacheBytes: 1 << 20)
        defer { engine.close() }
        let database = try #require(engine.owned)
        let options = StoreFixture.smallOptions
        _ = try Identity.establish(database, directory: "", nodeID: "n", partitions: options.partitions)
        let memory = try LoadedState(reading: database, directory: "", partitions: options.partitions)
        let mailbox = Mailbox<CommitCommand>(capacity: .max)
        for command in commands { #expect(mailbox.post(command, weight: command.weightBytes)) }
        mailbox.close()
        let outbox = Outbox(wake: {})
        Committer(
            engine: engine, mailbox: mailbox, outbox: outbox, leaves: SharedLeaves(memory.leaves),
            gauges: SharedGauges(), options: options, uptime: Uptime(before: 0), ledger: memory.ledger
        ).run()
        try body(outbox.fetch(), database)
    }

    @Test("An item, its hints and a settlement land in one batch; a purge and a promise are batches of their own")
    func together() throws {
        let write = put(users.id, "a", 5)
        let place = KeyPlace(key: write.key, partitions: 16)
        let purge = Purge(
            partition: place.partition, mark: HybridTimestamp(rawValue: 6),
            rows: [Purge.Row(table: users.id, key: write.key, version: version(5))])
        let commands: [CommitCommand] = [
            .table(users), .item(write), .hint(hint(1, write)), .hint(hint(2, write)),
            .settle([settlement(hint(1, write))]), .purge(purge),
            .promise(HybridTimestamp(rawValue: 9), partition: place.partition), .item(put(users.id, "b", 20)),
        ]
        try commit(commands) { news, _ in
            #expect(news.results == [WriteResult](repeating: .committed, count: 8))
            #expect(news.batches.compactMap(\.report).map(\.operations) == [1, 4, 1, 1, 1])
            #expect(news.batches[1].report?.landed == 4)
            #expect(news.changes.hintTotals[1]?.delivered == 1)
            #expect(news.changes.hintTotals[2]?.pending == 1)
            #expect(news.changes.marks[place.partition]?.promised == HybridTimestamp(rawValue: 9))
        }
    }

    @Test("The clock is written beside a promise that raises it")
    func clock() throws {
        try commit([.promise(HybridTimestamp(rawValue: 9), partition: 0)]) { _, database in
            let clock = try MetaReader(database: database, directory: "").highestClock()
            #expect(clock == HybridTimestamp(rawValue: 9))
        }
    }
}
