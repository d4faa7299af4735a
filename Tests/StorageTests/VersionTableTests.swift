import Base
import Cluster
import Testing

@testable import Storage

@Suite struct VersionTableTests {
    private func address(_ key: String) -> ItemAddress { ItemAddress(table: TableID(rawValue: 1), key: itemKey(key)) }

    private func mark(_ clock: UInt64) -> EntryHeader {
        EntryHeader(version: version(clock), isTombstone: false, checksum: clock, valueBytes: 2)
    }

    @Test("What it answers is the last mark kept, however often sets overflow")
    func neverStale() {
        var table = VersionTable(sets: 4)
        var random = SeededRandom(seed: 3)
        var truth: [String: EntryHeader] = [:]
        var hits = 0
        for clock in 1...5000 as ClosedRange<UInt64> {
            let key = "key-\(Int.random(in: 0..<40, using: &random))"
            let hash = xxh3(Array(key.utf8))
            if let known = table.mark(of: address(key), hash: hash) {
                #expect(known == truth[key])
                hits += 1
            }
            table.keep(mark(clock), of: address(key), hash: hash)
            truth[key] = mark(clock)
        }
        #expect(hits > 500 && hits < 4500)
    }

    @Test("Two keys with one hash are told apart")
    func collisions() {
        var table = VersionTable(sets: 1)
        table.keep(mark(1), of: address("a"), hash: 9)
        #expect(table.mark(of: address("b"), hash: 9) == nil)
        table.keep(mark(2), of: address("b"), hash: 9)
        #expect(table.mark(of: address("a"), hash: 9) == mark(1))
        #expect(table.mark(of: address("b"), hash: 9) == mark(2))
    }

    @Test("A long key is not kept, and forgetting forgets")
    func bounds() {
        var table = VersionTable(sets: 1)
        let long = String(repeating: "k", count: StorageLimits.versionTableKeyBytes + 1)
        table.keep(mark(1), of: address(long), hash: 1)
        #expect(table.mark(of: address(long), hash: 1) == nil)
        table.keep(mark(1), of: address("a"), hash: 1)
        table.forgetAll()
        #expect(table.mark(of: address("a"), hash: 1) == nil)
        table.keep(mark(1), of: address("a"), hash: 1)
        table.keep(mark(2), of: address("b"), hash: 1)
        table.forget(address("a"), hash: 1)
        table.forget(address("c"), hash: 1)
        #expect(table.mark(of: address("a"), hash: 1) == nil && table.mark(of: address("b"), hash: 1) == mark(2))
    }
}
