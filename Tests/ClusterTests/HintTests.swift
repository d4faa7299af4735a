import Testing

@testable import Cluster

private func hint(_ clock: UInt64, bytes: Int = 1, storedAt wall: UInt64 = 0) -> Hint {
    let version = Version(clock: HybridTimestamp(milliseconds: clock), writeID: 1)
    let item = StoredItem(version: version, isTombstone: false, value: [UInt8](repeating: 0x61, count: bytes))
    return Hint(
        target: 1, write: ReplicaWrite(table: ReplicaGroup.table.id, key: ReplicaGroup.key, item: item), trace: .none,
        storedAt: HintTime(wallMilliseconds: wall, uptimeMilliseconds: 0))
}

@Suite struct HintTests {
    @Test("A hint's age is the larger of its wall-clock age and its uptime age", arguments: [
        // In each case: wall clock and uptime when the hint was stored, wall clock and uptime now, and the expected age
        // of the hint, all in milliseconds.
        (1_000, 50, 1_000, 50, 0), (1_000, 50, 1_700, 60, 700), (1_000, 50, 1_010, 950, 900),
        // In the first case the wall clock was set back by an hour since the hint was stored; in the second it was set
        // forward by an hour.
        (3_600_000, 50, 0, 250, 200), (0, 50, 3_600_000, 60, 3_600_000),
        // The node was down for a long time, during which only the wall clock advanced.
        (1_000, 50, 90_000, 51, 89_000), (0, 0, 0, 0, 0),
    ])
    func age(wall: UInt64, uptime: UInt64, wallNow: UInt64, uptimeNow: UInt64, age: UInt64) {
        let stored = HintTime(wallMilliseconds: wall, uptimeMilliseconds: uptime)
        let now = HintTime(wallMilliseconds: wallNow, uptimeMilliseconds: uptimeNow)
        #expect(stored.ageMilliseconds(now: now) == age)
    }

    @Test("The totals always balance: stored = delivered + superseded + expired + pending")
    func balance() {
        var totals = HintTotals()
        totals.store(hint(1, bytes: 10))
        totals.store(hint(2, bytes: 30), replacing: hint(1, bytes: 10))
        #expect((totals.stored, totals.superseded, totals.pending) == (2, 1, 1))
        #expect(totals.pendingBytes == UInt64(hint(2, bytes: 30).weightBytes))
        totals.remove(hint(2, bytes: 30), .delivered)
        totals.store(hint(3))
        totals.remove(hint(3), .expired)
        #expect((totals.delivered, totals.expired, totals.pending, totals.pendingBytes) == (1, 1, 0, 0))
        #expect(totals.stored == totals.delivered + totals.superseded + totals.expired + totals.pending)
    }

    @Test("The totals hold the earliest storing time of the pending hints as a lower bound, until none is pending")
    func waitingSince() {
        var totals = HintTotals()
        #expect(totals.waitingSinceMilliseconds == 0)
        totals.store(hint(1, storedAt: 5_000))
        totals.store(hint(2, storedAt: 6_000), replacing: hint(1, storedAt: 5_000))
        #expect(totals.waitingSinceMilliseconds == 5_000)
        // The wall clock was set back, so a newer hint has an earlier store time.
        totals.store(hint(3, storedAt: 4_000))
        #expect(totals.waitingSinceMilliseconds == 4_000)
        totals.remove(hint(3, storedAt: 4_000), .delivered)
        #expect(totals.waitingSinceMilliseconds == 4_000)
        totals.remove(hint(2, storedAt: 6_000), .expired)
        #expect(totals.waitingSinceMilliseconds == 0)
        totals.store(hint(4, storedAt: 9_000))
        #expect(totals.waitingSinceMilliseconds == 9_000)
    }

    @Test("Totals without a pending hint but with a waiting-since time are invalid")
    func waitingForNothing() {
        let totals = HintTotals(
            stored: 1, delivered: 1, superseded: 0, expired: 0, pending: 0, pendingBytes: 0,
            waitingSinceMilliseconds: 5)
        #expect(totals == nil)
    }

    @Test("Totals that do not balance are invalid", arguments: [
        (3, 1, 1, 0, 1, 5, true), (3, 1, 1, 0, 0, 0, false), (0, 0, 0, 0, 0, 5, false), (0, 0, 0, 0, 0, 0, true),
        (1, UInt64.max, 2, 0, 0, 0, false),
    ] as [(UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, Bool)])
    func closes(
        stored: UInt64, delivered: UInt64, superseded: UInt64, expired: UInt64, pending: UInt64, bytes: UInt64,
        isValid: Bool
    ) {
        let totals = HintTotals(
            stored: stored, delivered: delivered, superseded: superseded, expired: expired, pending: pending,
            pendingBytes: bytes)
        #expect((totals != nil) == isValid)
    }

    @Test("[v12 replaces v11 in flight; the ack of v11 deletes v12] A settlement applies only to its version")
    func settlement() {
        let (v11, v12) = (hint(11), hint(12))
        let settled = HintSettlement(target: 1, place: v11.place, version: v11.write.item.version, fate: .delivered)
        #expect(settled.applies(to: v11))
        #expect(!settled.applies(to: v12))
    }
}
