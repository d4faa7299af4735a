import Testing

@testable import Cluster

@Suite struct PartitionMarkTests {
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

    @Test("Late frames up to the promise expire; copies come in unless they were purged", arguments: [
        // Clock of the write, whether it is a copy, the clock of what is held, the verdict.
        (5, false, nil, .expired), (5, false, 4, .expired), (10, false, nil, .expired), (15, false, nil, .expired),
        (20, false, 4, .expired), (21, false, nil, nil), (21, false, 4, nil),
        (5, true, nil, old), (10, true, nil, old), (5, true, 4, nil), (11, true, nil, nil), (21, true, nil, nil),
    ] as [(UInt64, Bool, UInt64?, WriteResult?)])
    func verdicts(clock: UInt64, isRepair: Bool, holds: UInt64?, verdict: WriteResult?) {
        let given = self.verdict(HybridTimestamp(milliseconds: clock), isRepair: isRepair, holds: holds)
        #expect(given == verdict)
    }

    @Test("The border is the clock with its counter: one tick above the promise is taken")
    func border() {
        let promised = Self.mark.promised
        #expect(verdict(promised, isRepair: false, holds: nil) == .expired)
        #expect(verdict(HybridTimestamp(rawValue: promised.rawValue + 1), isRepair: false, holds: nil) == nil)
    }

    @Test("Without a promise nothing is refused, and a key that is not held is not held")
    func none() {
        #expect(verdict(HybridTimestamp(rawValue: 1), isRepair: false, holds: nil, of: PurgeMark()) == nil)
        #expect(PurgeMark().deletion == nil)
    }

    @Test("What is not held counts as deleted at the mark: above every version up to it, below every later one")
    func deletion() throws {
        let deletion = try #require(Self.mark.deletion)
        #expect(deletion.isTombstone && deletion.version.isPurgeMark)
        #expect(deletion.version > Version(clock: Self.mark.purged, writeID: .max - 1))
        #expect(deletion.version < Version(clock: HybridTimestamp(rawValue: Self.mark.purged.rawValue + 1), writeID: 0))
    }
}
