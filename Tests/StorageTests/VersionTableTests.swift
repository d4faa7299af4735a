import Base
import Cluster
import Testing

@testable import Storage

@Suite struct VersionTableTests {
    private func address(_ key: String) -> ItemAddress { ItemAddress(table: TableID(rawValue: 1), key: itemKey(key)) }

    private func header(_ clock: UInt64) -> EntryHeader {
        EntryHeader(version: version(clock), isTombstone: false, checksum: clock, valueBytes: 2)
    }

    @Test("A lookup returns the header last stored or nothing, also after sets have overflowed")
    func neverStale() {
        var table = VersionTable(sets: 4)
        var random = SeededRandom(seed: 3)
        var truth: [String: EntryHeader] = [:]
        var hits = 0
        for clock in 1...5000 as ClosedRange<UInt64> {
            let key = "key-\(Int.random(in: 0..<40, using: &random))"
            let hash = xxh3(Array(key.utf8))
            if let known = table.header(of: address(key), hash: hash) {
                #expect(known == truth[key])
                hits += 1
            }
            table.store(header(clock), of: address(key), hash: hash)
            truth[key] = header(clock)
        }
        #expect(hits > 500 && hits < 4500)
    }

    @Test("Two keys with the same hash are told apart")
    func collisions() {
        var table = VersionTable(sets: 1)
        table.store(header(1), of: address("a"), hash: 9)
        #expect(table.header(of: address("b"), hash: 9) == nil)
        table.store(header(2), of: address("b"), hash: 9)
        #expect(table.header(of: address("a"), hash: 9) == header(1))
        #expect(table.header(of: address("b"), hash: 9) == header(2))
    }

    @Test("A long key is not stored, and a removed entry is not found")
    func bounds() {
        var table = VersionTable(sets: 1)
        let long = String(repeating: "k", count: StorageLimits.versionTableKeyBytes + 1)
        table.store(header(1), of: address(long), hash: 1)
        #expect(table.header(of: address(long), hash: 1) == nil)
        table.store(header(1), of: address("a"), hash: 1)
        table.removeAll()
        #expect(table.header(of: address("a"), hash: 1) == nil)
        table.store(header(1), of: address("a"), hash: 1)
        table.store(header(2), of: address("b"), hash: 1)
        table.remove(address("a"), hash: 1)
        table.remove(address("c"), hash: 1)
        #expect(table.header(of: address("a"), hash: 1) == nil && table.header(of: address("b"), hash: 1) == header(2))
    }
}
