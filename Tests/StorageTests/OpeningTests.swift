import Base
import Cluster
import Foundation
import Testing

@testable import Storage

@Suite struct OpeningTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    private func failure(
        _ directory: String, nodeID: NodeID = "node-1", options: StoreOptions = StoreFixture.smallOptions
    ) -> StoreOpenError? {
        do throws(StoreOpenError) {
            try Store(directory: directory, nodeID: nodeID, options: options, wake: {}).close()
            return nil
        } catch {
            return error
        }
    }

    private func closedStore() throws -> String {
        let directory = scratch.path + "/store-\(UUID().uuidString)/deeper/still"
        let store = try Store(directory: directory, nodeID: "node-1", options: StoreFixture.smallOptions, wake: {})
        let answered = Mailbox<WriteResult>(capacity: 9)
        store.submit(try table("users")) { _ = answered.post($0, weight: 1) }
        for clock in 1...3 as ClosedRange<UInt64> {
            store.submit(put(try table("users").id, "k\(clock)", clock, "value")) { _ = answered.post($0, weight: 1) }
        }
        store.close()
        #expect(answered.weight == 4)
        return directory
    }

    @Test("A directory in use by another store is refused")
    func locked() throws {
        let fixture = try StoreFixture()
        #expect(failure(fixture.directory) == .locked(directory: fixture.directory))
    }

    @Test("The directory of another node or of another partition count is refused, and the error names both")
    func foreign() throws {
        let directory = try closedStore()
        let node = failure(directory, nodeID: "node-2")
        #expect(node == .otherNode(directory: directory, stored: "node-1", given: "node-2"))
        #expect("\(node!)" == "the data directory \(directory) belongs to node node-1, not to node-2")
        var options = StoreFixture.smallOptions
        options.partitions = 32
        #expect(
            failure(directory, options: options) == .otherPartitions(directory: directory, stored: 16, given: 32))
        #expect(failure(directory) == nil)
    }

    @Test("A directory of another format is refused, and the error names both formats")
    func format() throws {
        let directory = try closedStore()
        try withDatabase(directory) { database in
            let batch = WriteBatch()
            batch.put(database.handle(.meta), key: MetaRow.format, value: MetaRow.number(2 as UInt32))
            try database.write(batch, synced: true)
        }
        #expect(failure(directory) == .otherFormat(directory: directory, stored: 2, supported: 1))
    }

    @Test("A path to a file or through a file is refused")
    func notADirectory() throws {
        let file = scratch.path + "/file"
        try Data().write(to: URL(filePath: file))
        #expect(failure(file) == .notADirectory(path: file))
        #expect(failure(file + "/below") == .notADirectory(path: file + "/below"))
    }

    @Test("A directory with table files but no CURRENT file is damaged, not a new store")
    func incompleteDatabase() throws {
        let directory = try closedStore()
        try FileManager.default.removeItem(atPath: directory + "/CURRENT")
        #expect(failure(directory)?.isDamaged == true)
    }

    @Test("A log cut short loses only what was cut; a changed byte within the log fails the opening")
    func logDamage() throws {
        let truncated = try closedStore()
        let log = try #require(try logFile(truncated))
        let bytes = try Data(contentsOf: log)
        // Cuts off the end of the write-ahead log: the row that closing the store wrote, and the end of the last item
        // before it.
        try bytes.dropLast(64).write(to: log)
        let store = try Store(directory: truncated, nodeID: "node-1", options: StoreFixture.smallOptions, wake: {})
        let users = try table("users")
        let live = store.summary(of: users.id).live
        #expect(live < 3)
        for number in 1...3 {
            let item = try store.reader.read(users.id, itemKey("k\(number)"))
            #expect((item != nil) == (number <= live))
        }
        store.close()

        let changed = try closedStore()
        let other = try #require(try logFile(changed))
        var damaged = try Data(contentsOf: other)
        damaged[damaged.count / 4] ^= 0xFF
        try damaged.write(to: other)
        #expect(failure(changed)?.isDamaged == true)
    }

    private func logFile(_ directory: String) throws -> URL? {
        try FileManager.default.contentsOfDirectory(at: URL(filePath: directory), includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "log" }.max { $0.path < $1.path }
    }

    @Test("A damaged record fails every read, is never taken for absent, and is not overwritten")
    func damagedRecord() throws {
        let fixture = try StoreFixture()
        let users = try table("users")
        fixture.submit(users)
        _ = fixture.submit(put(users.id, "a", 1, "good"))
        try fixture.reopen { database in
            let batch = WriteBatch()
            let item = put(users.id, "a", 1, "good").item
            var record: [UInt8] = []
            ItemRecord.append(item, header: EntryHeader(of: item), to: &record)
            record[record.count - 1] ^= 1
            batch.put(database.handle(.items), key: RowKey.item(users.id, [UInt8(ascii: "a")]), value: record)
            batch.put(database.handle(.items), key: RowKey.item(users.id, [UInt8(ascii: "b")]), value: [1, 2])
            try database.write(batch, synced: true)
        }
        for key in ["a", "b"] {
            #expect(throws: StoreError.self) { try fixture.read(users.id, key) }
            if case .failed(.damaged) = fixture.store.peek(users.id, itemKey(key)) {} else {
                Issue.record("a damaged record was not reported as damaged")
            }
        }
        #expect(throws: StoreError.self) { try fixture.store.reader.page(PageRequest(table: users)) }
        if case .refused(.inputOutput) = fixture.submit(put(users.id, "b", 9)) {} else {
            Issue.record("a write over a record that cannot be read was not refused")
        }
    }
}

func withDatabase(_ directory: String, _ body: (Database) throws -> Void) throws {
    let database = try Database(directory: directory, cache: BlockCache(bytes: 1 << 20), openFiles: 64)
    defer { database.close() }
    try body(database)
}

extension StoreOpenError {
    fileprivate var isDamaged: Bool {
        if case .damaged = self { true } else { false }
    }
}
