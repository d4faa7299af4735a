import Testing

@testable import Cluster

@Suite struct PurgeMarkTests {
    private static let mark = PurgeMark(
        promised: HybridTimestamp(milliseconds: 20), purged: HybridTimestamp(milliseconds: 10))

    private func verdict(
        _ clock: HybridTimestamp, isRepair: Bool, holds: UInt64?, of mark: PurgeMark = mark
    ) -> WriteResult? {
        let item = StoredItem(version: Version(clock: clock, writeID: 1), isTombstone: false, value: [])
        let held = holds.map {
            HeldVersion(
                version: Version(clock: HybridTimestamp(milliseconds: $0), writeID: 1), isTombstone: false, checksum: 0)
        }
        return mark.verdict(
            on: ReplicaWrite(table: ReplicaGroup.table.id, key: ReplicaGroup.key, item: item, isRepair: isRepair),
            held: held)
    }

    private static let old = WriteResult.superseded(
        by: Version(clock: HybridTimestamp(milliseconds: 10), writeID: .max))

    @Test("A late write up to the promise is expired; a repair is accepted unless its version was purged", arguments: [
        // In each case: the clock of a late write, whether the write is a repair, the clock of the stored item (nil for
        // none), and the result that the purge mark requires (nil if the write is accepted).
        (5, false, nil, .expired), (5, false, 4, .expired), (10, false, nil, .expired), (15, false, nil, .expired),
        (20, false, 4, .expired), (21, false, nil, nil), (21, false, 4, nil),
        (5, true, nil, old), (10, true, nil, old), (5, true, 4, nil), (11, true, nil, nil), (21, true, nil, nil),
    ] as [(UInt64, Bool, UInt64?, WriteResult?)])
    func verdicts(clock: UInt64, isRepair: Bool, holds: UInt64?, verdict: WriteResult?) {
        let given = self.verdict(HybridTimestamp(milliseconds: clock), isRepair: isRepair, holds: holds)
        #expect(given == verdict)
    }

    @Test("The promise is compared with the logical counter: one tick above it is accepted")
    func border() {
        let promised = Self.mark.promised
        #expect(verdict(promised, isRepair: false, holds: nil) == .expired)
        #expect(verdict(HybridTimestamp(rawValue: promised.rawValue + 1), isRepair: false, holds: nil) == nil)
    }

    @Test("Without a promise every write is accepted, and an absent key does not count as deleted")
    func none() {
        #expect(verdict(HybridTimestamp(rawValue: 1), isRepair: false, holds: nil, of: PurgeMark()) == nil)
        #expect(PurgeMark().deletion == nil)
    }

    @Test("An absent key counts as deleted at the purge mark: above every version up to it, below every later one")
    func deletion() throws {
        let deletion = try #require(Self.mark.deletion)
        #expect(deletion.isTombstone && deletion.version.isPurgeMark)
        #expect(deletion.version > Version(clock: Self.mark.purged, writeID: .max - 1))
        #expect(deletion.version < Version(clock: HybridTimestamp(rawValue: Self.mark.purged.rawValue + 1), writeID: 0))
    }
}
