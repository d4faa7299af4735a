import Cluster
import Storage
import Testing

@Suite struct StoreTests {
    private let fixture: StoreFixture
    private let users: TableState

    init() throws {
        fixture = try StoreFixture()
        users = try table("users")
        fixture.submit(users)
    }

    @Test("A committed item is found by peek and by the reader")
    func reads() throws {
        #expect(fixture.submit(put(users.id, "a", 5, #"{"n":1}"#)) == .committed)
        let item = StoredItem(version: version(5), isTombstone: false, value: Array(#"{"n":1}"#.utf8))
        #expect(fixture.store.peek(users.id, itemKey("a")) == .found(item))
        #expect(try fixture.read(users.id, "a") == item)
        #expect(fixture.store.peek(users.id, itemKey("b")) == .absent)
        #expect(try fixture.read(users.id, "b") == nil)
    }

    @Test("[A lookup made before queueing lets v11 overwrite a committed v12] The lookup at commit time decides")
    func lookupAtCommit() throws {
        #expect(fixture.store.peek(users.id, itemKey("a")) == .absent)
        #expect(fixture.submit(put(users.id, "a", 12, "twelve")) == .committed)
        #expect(fixture.submit(put(users.id, "a", 11, "eleven")) == .superseded(by: version(12)))
        #expect(try fixture.read(users.id, "a")?.value == Array("twelve".utf8))
    }

    @Test("[v12 and v11 in one batch] A write is superseded by a greater version, also by one in its own batch")
    func versions() throws {
        let results = fixture.submit([
            put(users.id, "a", 12, "twelve"), put(users.id, "a", 11, "eleven"), put(users.id, "a", 12, "twelve"),
            put(users.id, "b", 1), put(users.id, "b", 2, "two"), delete(users.id, "b", 3),
        ])
        #expect(results == [
            .committed, .superseded(by: version(12)), .superseded(by: version(12)), .committed, .committed,
            .committed,
        ])
        #expect(try fixture.read(users.id, "a")?.value == Array("twelve".utf8))
        #expect(try fixture.read(users.id, "b") == StoredItem(version: version(3), isTombstone: true, value: []))
    }

    @Test("Counts are exact after puts, overwrites, deletes and repeated puts, and after reopening the store")
    func counts() throws {
        _ = fixture.submit([put(users.id, "a", 1, "xx"), put(users.id, "b", 1, "yy"), put(users.id, "c", 1, "zz")])
        let three = fixture.store.summary(of: users.id)
        #expect(three.live == 3 && three.tombstones == 0 && three.bytes == 9)
        _ = fixture.submit([put(users.id, "a", 2, "longer"), delete(users.id, "b", 2), delete(users.id, "d", 1)])
        let mixed = fixture.store.summary(of: users.id)
        #expect(mixed.live == 2 && mixed.tombstones == 2 && mixed.bytes == 7 + 1 + 3 + 1)
        _ = fixture.submit([put(users.id, "b", 3, "back"), put(users.id, "b", 1, "late")])
        let last = fixture.store.summary(of: users.id)
        #expect(last.live == 3 && last.tombstones == 1 && last.bytes == 7 + 5 + 3 + 1)
        try fixture.reopen()
        #expect(fixture.store.summary(of: users.id) == last)
    }

    @Test("Two stores with the same writes in different orders have equal digests")
    func digests() throws {
        let other = try StoreFixture()
        other.submit(users)
        let writes = [put(users.id, "a", 1), put(users.id, "a", 2), delete(users.id, "b", 4), put(users.id, "b", 3)]
        _ = fixture.submit(writes)
        for write in writes.reversed() { _ = other.submit(write) }
        #expect(fixture.store.summary(of: users.id) == other.store.summary(of: users.id))
        _ = other.submit(put(users.id, "c", 1))
        #expect(fixture.store.summary(of: users.id).total.digest != other.store.summary(of: users.id).total.digest)
    }

    @Test("Partition sums of two stores differ only in the partition whose rows differ, and add up to the table's")
    func partitionSums() throws {
        let other = try StoreFixture()
        other.submit(users)
        let writes = (0..<100).map { put(users.id, "k\($0)", 1) }
        for store in [fixture, other] { _ = store.submit(writes) }
        #expect(fixture.store.sums(users.id) == other.store.sums(users.id))
        _ = other.submit(put(users.id, "k7", 2))
        let place = KeyPlace(key: itemKey("k7"), partitions: 16)
        let (mine, others) = (fixture.store.sums(users.id), other.store.sums(users.id))
        #expect(mine.indices.filter { mine[$0] != others[$0] } == [place.partition.index])
        #expect(mine.map(\.live).reduce(0, +) == 100)
        #expect(fixture.store.sums(TableID(rawValue: 1)).map(\.live) == Array(repeating: 0, count: 16))
    }

    @Test("Items, catalog, cluster record, store id and highest clock survive reopening; the boot counter rises")
    func reopening() throws {
        _ = fixture.submit(put(users.id, "a", 77, "kept"))
        #expect(fixture.submit(.record, [1, 2, 3]) == .committed)
        let storeID = fixture.store.storeID
        let sequence = fixture.store.durableSequence
        #expect(fixture.store.bootCounter == 1)
        try fixture.reopen()
        #expect(fixture.store.storeID == storeID)
        #expect(fixture.store.bootCounter == 2)
        #expect(fixture.store.durableSequence > sequence)
        #expect(fixture.store.highestClock == HybridTimestamp(rawValue: 77))
        #expect(fixture.store.tables == [users])
        #expect(fixture.store.clusterRecord == [1, 2, 3])
        #expect(try fixture.read(users.id, "a")?.value == Array("kept".utf8))
        #expect(fixture.submit(put(users.id, "a", 76)) == .superseded(by: version(77)))
    }

    @Test("A write to a deleted or unknown table changes nothing")
    func unknownTable() throws {
        let other = try table("other")
        #expect(fixture.submit(put(other.id, "a", 1)) == .tableDeleted)
        #expect(try fixture.read(other.id, "a") == nil)
    }

    @Test("Each batch is reported with its numbers of operations, changes, bytes and lookups")
    func reports() throws {
        _ = fixture.submit(put(users.id, "a", 1, "four"))
        let report = try #require(fixture.reports.last)
        #expect(report.operations == 1 && report.applied == 1 && report.bytes == 5 && report.lookups == 1)
        #expect(report.totalNanoseconds >= report.syncNanoseconds)
        #expect(report.syncNanoseconds > 0)
        _ = fixture.submit(put(users.id, "a", 2, "four"))
        #expect(fixture.reports.last?.lookups == 0)
    }

    @Test("With a sync interval writes are committed too, and closing syncs them")
    func interval() throws {
        var options = StoreFixture.smallOptions
        options.sync = .interval(milliseconds: 20)
        let other = try StoreFixture(options: options)
        other.submit(users)
        #expect(other.submit((1...10).map { put(users.id, "a", $0) }).allSatisfy { $0 == .committed })
        try other.reopen()
        #expect(try other.read(users.id, "a")?.version == version(10))
    }

    @Test("Closing commits what is queued; a closed store refuses writes")
    func closing() throws {
        let scratch = try Scratch()
        let store = try Store(directory: scratch.path, nodeID: "n", options: StoreFixture.smallOptions, wake: {})
        var answers: [WriteResult] = []
        store.submit(users) { answers.append($0) }
        for clock in 1...100 as ClosedRange<UInt64> {
            store.submit(put(users.id, "a", clock)) { answers.append($0) }
        }
        store.close()
        #expect(answers == [WriteResult](repeating: .committed, count: 101))
        store.submit(put(users.id, "a", 101)) { answers.append($0) }
        store.deliverCompletions()
        #expect(answers.last == .refused(.closing))
        #expect(store.peek(users.id, itemKey("a")) == .failed(.closed))
        #expect(throws: StoreError.closed) { try store.reader.read(users.id, itemKey("a")) }
    }

    @Test("A full queue refuses a write, and no completion is called before submit returns")
    func queueBound() throws {
        var answers: [WriteResult] = []
        let huge = String(repeating: "x", count: fixture.options.maximumQueueBytes)
        fixture.store.submit(put(users.id, "a", 1, huge)) { answers.append($0) }
        #expect(answers.isEmpty)
        fixture.store.deliverCompletions()
        #expect(answers == [.refused(.queueFull)])
    }
}
