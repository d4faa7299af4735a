@testable import Cluster
import Testing

/// A random table on several members: each key has one or more versions, each stored on some of the members.
private struct SpreadTable {
    private(set) var members: [[ItemKey: StoredItem]]
    private(set) var newest: [ItemKey: StoredItem] = [:]
    private var random: SplitMix
    private var clock: UInt64 = 0

    init(seed: UInt64) {
        random = SplitMix(state: seed)
        members = Array(repeating: [:], count: Int.random(in: 1...10, using: &random))
        for _ in 0..<Int.random(in: 0...150, using: &random) { write() }
    }

    /// Writes one version of a key to a random, non-empty set of members. Without `key`, a random key is used; without
    /// `live`, the version is a tombstone by chance.
    mutating func write(live: Bool? = nil, _ key: ItemKey? = nil) {
        clock += 1
        let key = key ?? randomKey()
        let isTombstone = live.map { !$0 } ?? (Int.random(in: 0..<3, using: &random) == 0)
        let item = StoredItem(
            version: Version(clock: HybridTimestamp(rawValue: clock), writeID: 1), isTombstone: isTombstone,
            value: isTombstone ? [] : Array("\(clock)".utf8))
        newest[key] = item
        let certain = Int.random(in: members.indices, using: &random)
        for member in members.indices where member == certain || Bool.random(using: &random) {
            members[member][key] = item
        }
    }

    private mutating func randomKey() -> ItemKey {
        let letters = (0..<Int.random(in: 1...4, using: &random)).map { _ in
            "ab/é🦔".randomElement(using: &random) ?? "a"
        }
        return ItemKey(stored: Array(String(letters).utf8))
    }

    mutating func randomRequest() -> PageRequest {
        var request = PageRequest(table: ReplicaGroup.table)
        request.limit = Int.random(in: 1...Int.random(in: 1...200, using: &random), using: &random)
        request.reverse = Bool.random(using: &random)
        let bounds = ["", "a", "ab", "b/", "é", "🦔", "zz"].map { Array($0.utf8) } + [[0xC3]]
        if Bool.random(using: &random) { request.start = bounds.randomElement(using: &random) }
        if Bool.random(using: &random) { request.end = bounds.randomElement(using: &random) }
        if Bool.random(using: &random) { request.prefix = bounds.randomElement(using: &random) ?? [] }
        if Bool.random(using: &random) { request.after = randomKey().bytes }
        return request
    }

    /// Asks each member for one page of the table, with a random number of rows as if a limit of bytes or entries had
    /// ended the page, and returns the merged page.
    mutating func mergedPage(_ request: PageRequest) -> Page {
        var pages: [Page] = []
        for rows in members {
            var own = request
            own.limit = Int.random(in: 1...request.limit, using: &random)
            pages.append(page(of: rows, own))
        }
        #expect(pages.allSatisfy { $0.isProper(for: request) })
        return PageMerge.merge(pages, for: request)
    }

    func expected(_ request: PageRequest) -> [Page.Entry] {
        var all = request
        all.limit = .max
        return page(of: newest, all).entries.filter { !$0.item.isTombstone }
    }
}

private func page(of rows: [ItemKey: StoredItem], _ request: PageRequest) -> Page {
    MemoryReplica.page(of: rows.map { Page.Entry(key: $0.key, item: $0.value) }, request)
}

private func keys(_ entries: [Page.Entry]) -> [String] {
    entries.map { String(decoding: $0.key.bytes, as: UTF8.self) }
}

@Suite struct PageMergeTests {
    @Test("Paged scans of random tables whose members missed writes return the newest version of each key")
    func againstModel() {
        for seed in 1...200 as ClosedRange<UInt64> {
            var table = SpreadTable(seed: seed)
            var request = table.randomRequest()
            let expected = table.expected(request)
            var found: [Page.Entry] = []
            while true {
                let page = table.mergedPage(request)
                #expect(page.entries.count <= request.limit)
                found += page.entries
                guard let next = page.next else { break }
                request.after = next.bytes
            }
            #expect(found == expected, "seed \(seed)")
        }
    }

    @Test("With concurrent changes a paged scan returns no key twice and misses no key that exists throughout")
    func changingData() {
        for seed in 1...60 as ClosedRange<UInt64> {
            var table = SpreadTable(seed: seed)
            let lasting = (0..<20).map { ItemKey(stored: Array("a/lasting-\($0)".utf8)) }
            for key in lasting { table.write(live: true, key) }
            var request = PageRequest(table: ReplicaGroup.table)
            request.limit = Int(seed % 20) + 3
            request.reverse = seed % 2 == 0
            var found: [Page.Entry] = []
            while true {
                let page = table.mergedPage(request)
                found += page.entries
                guard let next = page.next else { break }
                request.after = next.bytes
                for _ in 0..<3 { table.write() }
                table.write(live: true, lasting[Int(seed) % 20])
            }
            let order = WalkOrder(reverse: request.reverse)
            #expect(zip(found, found.dropFirst()).allSatisfy { order.precedes($0.key, $1.key) }, "seed \(seed)")
            #expect(Set(lasting).isSubset(of: found.map(\.key)), "seed \(seed)")
        }
    }

    @Test(
        "A merged page ends at the first page end of a member that has more rows",
        arguments: [
            // In each case: the scan pages of the members, and the expected merged page. `k<version>` is a value of key
            // k, `k-<version>` a tombstone, and `>` means that more rows follow.
            (["a1 b1 c1", "a1 b1 c1"], "a1 b1 c1"),
            (["a1 b1 >", "a1 c1 d1 >"], "a1 b1 >b"),
            (["b1 >", "a1 b2 c-3"], "a1 b2 >b"),
            (["a1 b1 c1", "b-2"], "a1 c1"),
            (["a-1 b-1 >", "a-1 b-1 c1"], ">b"),
            (["a-2 >", "a1 b1 >"], ">a"),
            (["", ""], ""),
            ([], ""),
        ])
    func fence(_ answers: [String], _ merged: String) {
        let request = PageRequest(table: ReplicaGroup.table)
        #expect(notation(PageMerge.merge(answers.map(parsed), for: request)) == merged)
    }

    @Test("A page cut by the limit continues after its last key; a page that is exactly full is the last one")
    func limit() {
        var request = PageRequest(table: ReplicaGroup.table)
        let pages = ["a1 b1 d-2", "b1 c1 d1"].map(parsed)
        let expected = [1: "a1 >a", 2: "a1 b1 >b", 3: "a1 b1 c1", 4: "a1 b1 c1"]
        for (limit, merged) in expected {
            request.limit = limit
            #expect(notation(PageMerge.merge(pages, for: request)) == merged)
        }
    }

    @Test("Of two values with one version every node chooses the same one")
    func conflict() {
        let request = PageRequest(table: ReplicaGroup.table)
        let version = Version(clock: HybridTimestamp(rawValue: 1), writeID: 1)
        let pages = ["x", "y", "z"].map { value in
            Page(
                entries: [
                    .init(
                        key: ReplicaGroup.key,
                        item: StoredItem(version: version, isTombstone: false, value: Array(value.utf8)))
                ], next: nil)
        }
        let orders = [[0, 1, 2], [2, 1, 0], [1, 0, 2], [1, 2, 0]]
        #expect(Set(orders.map { order in
            PageMerge.merge(order.map { pages[$0] }, for: request).entries[0].item.value
        }).count == 1)
    }

    @Test("A page out of order, outside its range or without progress is not proper")
    func improper() {
        var request = PageRequest(table: ReplicaGroup.table)
        request.after = Array("b".utf8)
        request.end = Array("x".utf8)
        for page in ["d1 c1", "c1 c1", "b1", "c1 x1", "b1 >", "a1 c1"] {
            #expect(!parsed(page).isProper(for: request), "\(page)")
        }
        #expect(!Page(entries: [], next: ItemKey(stored: Array("b".utf8))).isProper(for: request))
        #expect(!Page(entries: parsed("d1").entries, next: ItemKey(stored: Array("c".utf8))).isProper(for: request))
        #expect(parsed("c1 d1 >").isProper(for: request))
        #expect(parsed("").isProper(for: request))
        request.reverse = true
        request.after = Array("w".utf8)
        #expect(parsed("v1 c1 >").isProper(for: request))
        #expect(!parsed("c1 v1").isProper(for: request))
    }
}

private func parsed(_ text: String) -> Page {
    let words = text.split(separator: " ")
    let entries = words.filter { $0 != ">" }.map { word in
        let isTombstone = word.contains("-")
        let clock = UInt64(word.drop { !$0.isNumber }) ?? 0
        return Page.Entry(
            key: ItemKey(stored: Array(word.prefix(1).utf8)),
            item: StoredItem(
                version: Version(clock: HybridTimestamp(rawValue: clock), writeID: 1), isTombstone: isTombstone,
                value: []))
    }
    return Page(entries: entries, next: words.last == ">" ? entries.last?.key : nil)
}

private func notation(_ page: Page) -> String {
    var words = zip(keys(page.entries), page.entries).map { "\($0)\($1.item.version.clock.rawValue)" }
    if let next = page.next { words.append(">" + String(decoding: next.bytes, as: UTF8.self)) }
    return words.joined(separator: " ")
}
