import Base
import Cluster
import Storage
import Testing

@Suite struct ScanTests {
    private let fixture: StoreFixture
    private let users: TableState
    /// The rows of the table from which the tests compute the expected result of a scan, in key order.
    private let model: [(key: [UInt8], clock: UInt64, isTombstone: Bool)]

    init() throws {
        fixture = try StoreFixture()
        let users = try table("users")
        self.users = users
        let neighbours = [try table("before"), try table("behind"), try table("other")]
        for state in neighbours + [users] { fixture.submit(state) }
        var random = SeededRandom(seed: 42)
        var rows: [String: (UInt64, Bool)] = [:]
        for clock in 1...400 as ClosedRange<UInt64> {
            let length = Int.random(in: 1...4, using: &random)
            let letters = (0..<length).map { _ in "abé/🦔".randomElement(using: &random)! }
            rows[String(letters)] = (clock, Int.random(in: 0..<5, using: &random) == 0)
        }
        let writes = rows.sorted { $0.key < $1.key }.map { key, row in
            row.1 ? delete(users.id, key, row.0) : put(users.id, key, row.0, "value of \(key)")
        }
        _ = fixture.submit(writes + neighbours.map { put($0.id, "a", 1) })
        model = rows.map { (Array($0.key.utf8), $0.value.0, $0.value.1) }
            .sorted { $0.0.lexicographicallyPrecedes($1.0) }
    }

    private func scan(_ first: PageRequest) throws -> (entries: [Page.Entry], pages: Int) {
        var request = first
        var entries: [Page.Entry] = []
        var pages = 0
        while true {
            let page = try fixture.store.reader.page(request)
            pages += 1
            entries += page.entries
            guard let next = page.next else { return (entries, pages) }
            request.after = next.bytes
        }
    }

    private func expected(_ request: PageRequest) -> [(key: [UInt8], clock: UInt64, isTombstone: Bool)] {
        let rows = model.filter { row in
            row.key.starts(with: request.prefix)
                && request.start.map { !row.key.lexicographicallyPrecedes($0) } ?? true
                && request.end.map { row.key.lexicographicallyPrecedes($0) } ?? true
        }
        return request.reverse ? rows.reversed() : rows
    }

    private func randomRequest(seed: UInt64) -> PageRequest {
        var random = SeededRandom(seed: seed)
        var request = PageRequest(table: users)
        request.limit = Int.random(in: 1...30, using: &random)
        request.maximumBytes = Int.random(in: 1...400, using: &random)
        request.reverse = Bool.random(using: &random)
        request.keysOnly = Bool.random(using: &random)
        let bounds = ["a", "ab", "b/", "é", "é🦔a", "🦔", "zz", ""].map { Array($0.utf8) } + [[0xC3], [0xF0, 0x9F]]
        if Bool.random(using: &random) { request.start = bounds.randomElement(using: &random) }
        if Bool.random(using: &random) { request.end = bounds.randomElement(using: &random) }
        if Bool.random(using: &random) { request.prefix = bounds.randomElement(using: &random) ?? [] }
        return request
    }

    @Test("Two hundred random scans, page by page, equal a sorted model")
    func againstModel() throws {
        for seed in 1...200 as ClosedRange<UInt64> {
            let request = randomRequest(seed: seed)
            let found = try scan(request).entries
            let expected = expected(request)
            #expect(found.map(\.key.bytes) == expected.map(\.key), "seed \(seed)")
            #expect(found.map(\.item.version.clock.rawValue) == expected.map(\.clock), "seed \(seed)")
            #expect(found.map(\.item.isTombstone) == expected.map(\.isTombstone), "seed \(seed)")
            for entry in found where !entry.item.isTombstone {
                let value = request.keysOnly ? "" : "value of " + String(decoding: entry.key.bytes, as: UTF8.self)
                #expect(entry.item.value == Array(value.utf8), "seed \(seed)")
            }
        }
    }

    @Test("A page ends at its limit, and the last page has no next key even when it is exactly full")
    func exactPages() throws {
        var request = PageRequest(table: users)
        let all = expected(request).count
        request.limit = all
        let page = try fixture.store.reader.page(request)
        #expect(page.entries.count == all)
        request.limit = all - 1
        #expect(try fixture.store.reader.page(request).next != nil)
        request.limit = 1
        #expect(try scan(request).pages >= all)
    }

    @Test("A page has at least one row and at most its limit, whatever the limit")
    func pageLimits() throws {
        var request = PageRequest(table: users)
        for limit in [Int.min, 0, 1] {
            request.limit = limit
            #expect(try fixture.store.reader.page(request).entries.count == 1)
        }
        request.limit = .max
        request.maximumBytes = .min
        #expect(try fixture.store.reader.page(request).entries.count == 1)
    }

    @Test("A page includes tombstones, because they hide older versions on other replicas")
    func tombstones() throws {
        let deleted = try table("deleted")
        fixture.submit(deleted)
        _ = fixture.submit([delete(deleted.id, "k", 1), put(deleted.id, "z", 1)])
        let page = try fixture.store.reader.page(PageRequest(table: deleted))
        #expect(page.entries.map(\.item.isTombstone) == [true, false])
    }

    @Test("A cursor stays valid while keys around it are added and deleted")
    func changingData() throws {
        var request = PageRequest(table: users)
        request.limit = 3
        let first = try fixture.store.reader.page(request)
        let last = try #require(first.next)
        _ = fixture.submit([
            delete(users.id, String(decoding: last.bytes, as: UTF8.self), 1000), put(users.id, "!", 1000),
        ])
        request.after = last.bytes
        let second = try fixture.store.reader.page(request)
        #expect(second.entries.allSatisfy { last < $0.key })
        #expect(second.entries.first?.key.bytes == expected(request)[first.entries.count].key)
    }
}
