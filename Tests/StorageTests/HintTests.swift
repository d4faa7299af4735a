import Base
import Cluster
import Testing

@testable import Storage

@Suite struct HintTests {
    private let fixture: StoreFixture
    private let users: TableState

    init() throws {
        var options = StoreFixture.smallOptions
        options.hintBudgetBytes = 2000
        fixture = try StoreFixture(options: options)
        users = try table("users")
        fixture.submit(users)
    }

    private func hinted(_ target: MemberIndex, _ key: String, _ clock: UInt64, _ value: String = "{}") -> Hint {
        hint(target, put(users.id, key, clock, value))
    }

    /// Expects that the hint totals of each target add up and match the stored hints, now and after the store is opened
    /// again. `expected` has, by target, the version clocks of the hints in the order of their keys.
    private func expectConsistent(_ expected: [MemberIndex: [Int: UInt64]] = [:]) throws {
        for _ in 0..<2 {
            for (target, totals) in fixture.store.hintTotals {
                let held = try fixture.hints(of: target)
                #expect(totals.stored == totals.delivered + totals.superseded + totals.expired + totals.pending)
                #expect(Int(totals.pending) == held.count)
                #expect(Int(totals.pendingBytes) == held.map(\.weightBytes).reduce(0, +))
            }
            for (target, rows) in expected {
                let held = try fixture.hints(of: target).map { $0.write.item.version.clock.rawValue }
                #expect(held == rows.sorted { $0.key < $1.key }.map(\.value))
            }
            try fixture.reopen()
        }
    }

    @Test("A stored hint is read back, tombstones too, and for its own target only")
    func reading() throws {
        let hints = [hinted(1, "a", 5, #"{"n":1}"#), hint(1, delete(users.id, "b", 6), requestID: "")]
        #expect(hints.map { fixture.submit($0) } == [.committed, .committed])
        #expect(try fixture.hints(of: 1) == hints)
        #expect(try fixture.hints(of: 0).isEmpty)
        try fixture.reopen()
        #expect(try fixture.hints(of: 1) == hints)
        #expect(fixture.store.uptimeMilliseconds < 1_000_000)
    }

    @Test("The time of the oldest pending hint survives a restart, also when an earlier version did not store it")
    func waitingSince() throws {
        #expect(fixture.submit(hinted(1, "a", 5)) == .committed)
        #expect(fixture.submit(hinted(1, "b", 6)) == .committed)
        let oldest = try #require(try fixture.hints(of: 1).map(\.storedAt.wallMilliseconds).min())
        #expect(fixture.store.hintTotals[1]?.waitingSinceMilliseconds == oldest)
        try fixture.reopen()
        #expect(fixture.store.hintTotals[1]?.waitingSinceMilliseconds == oldest)
        let totals = try #require(fixture.store.hintTotals[1])
        try fixture.reopen { database in
            let batch = WriteBatch()
            batch.put(
                database.handle(.meta), key: MetaRow.totalsKey(1), value: Array(MetaRow.totalsValue(totals).prefix(48)))
            try database.write(batch, synced: true)
        }
        #expect(fixture.store.hintTotals[1]?.waitingSinceMilliseconds == oldest)
        #expect(fixture.settle(try fixture.hints(of: 1).map { settlement($0) }) == .committed)
        #expect(fixture.store.hintTotals[1]?.waitingSinceMilliseconds == 0)
        try fixture.reopen()
        #expect(fixture.store.hintTotals[1]?.waitingSinceMilliseconds == 0)
    }

    @Test("One hint is stored for each target and key, that of the newest version")
    func coalescing() throws {
        let results = fixture.answers([hinted(1, "a", 12), hinted(1, "a", 11), hinted(1, "a", 12), hinted(1, "a", 13)]
            .map { hint in { $0.submit(hint, completion: $1) } })
        #expect(results == [.committed, .superseded(by: version(12)), .superseded(by: version(12)), .committed])
        #expect(fixture.submit(hinted(2, "a", 1)) == .committed)
        #expect(fixture.store.hintTotals[1]?.stored == 2 && fixture.store.hintTotals[1]?.superseded == 1)
        try expectConsistent([1: [0: 13], 2: [0: 1]])
    }

    @Test("The acknowledgement of an older version does not remove the newer hint")
    func compareAndDelete() throws {
        let (old, new) = (hinted(1, "a", 11), hinted(1, "a", 12))
        _ = [old, new].map { fixture.submit($0) }
        #expect(fixture.settle([settlement(old)]) == .committed)
        #expect(try fixture.hints(of: 1) == [new])
        #expect(fixture.store.hintTotals[1]?.delivered == 0)
        #expect(fixture.settle([settlement(new), settlement(new, .expired), settlement(old)]) == .committed)
        #expect(try fixture.hints(of: 1).isEmpty)
        let totals = try #require(fixture.store.hintTotals[1])
        #expect(totals.delivered == 1 && totals.superseded == 1 && totals.expired == 0 && totals.pendingBytes == 0)
        try expectConsistent()
    }

    @Test("A settlement applies to hints of its own batch")
    func oneBatch() throws {
        let (first, second) = (hinted(1, "a", 1), hinted(1, "a", 2))
        let results = fixture.answers([
            { $0.submit(first, completion: $1) }, { $0.settle([settlement(first, .superseded)], completion: $1) },
            { $0.submit(second, completion: $1) }, { $0.settle([settlement(first)], completion: $1) },
        ])
        #expect(results == [.committed, .committed, .committed, .committed])
        #expect(try fixture.hints(of: 1) == [second])
        try expectConsistent([1: [0: 2]])
    }

    @Test("Beyond the budget a new hint is refused, but one that replaces another is accepted")
    func budget() throws {
        let large = String(repeating: "x", count: 800)
        #expect(fixture.submit(hinted(1, "a", 1, large)) == .committed)
        #expect(fixture.submit(hinted(2, "b", 1, large)) == .committed)
        #expect(fixture.submit(hinted(1, "c", 1, large)) == .refused(.hintBudget))
        #expect(fixture.submit(hinted(2, "b", 2, large)) == .committed)
        #expect(fixture.store.hintTotals[1]?.stored == 1)
        try expectConsistent([1: [0: 1], 2: [0: 2]])
        #expect(fixture.submit(hinted(1, "c", 1, large)) == .refused(.hintBudget))
        fixture.settle([settlement(hinted(1, "a", 1), .expired)])
        #expect(fixture.submit(hinted(1, "c", 1, large)) == .committed)
        try expectConsistent([1: [0: 1]])
    }

    @Test("A hint for a deleted table is refused; pending hints for it stay until they are settled")
    func deletedTable() throws {
        let pending = hinted(1, "a", 1)
        #expect(fixture.submit(pending) == .committed)
        fixture.submit(try table("users", isDeleted: true))
        #expect(fixture.submit(hinted(1, "b", 1)) == .tableDeleted)
        try fixture.reopen()
        #expect(try fixture.hints(of: 1) == [pending])
        fixture.settle([settlement(pending, .superseded)])
        #expect(fixture.store.hintTotals[1]?.superseded == 1)
        try expectConsistent()
    }

    @Test("Pages of any size together hold all hints, in order, at least one each")
    func paging() throws {
        let other = try table("other")
        fixture.submit(other)
        let hints = (0..<5).map { hinted(1, "k\($0)", 1) } + (0..<4).map { hint(1, put(other.id, "k\($0)", 1)) }
        for hint in hints { #expect(fixture.submit(hint) == .committed) }
        #expect(fixture.submit(hinted(0, "z", 1)) == .committed)
        #expect(fixture.submit(hinted(2, "a", 1)) == .committed)
        let sorted = hints.sorted { $0.place < $1.place }
        for (limit, bytes) in [(1, Int.max), (2, .max), (4, .max), (9, .max), (100, 1), (100, 250), (0, 0)] {
            var found: [Hint] = []
            while true {
                let page = try fixture.store.reader.hints(
                    of: 1, after: found.last?.place, limit: limit, maximumBytes: bytes)
                #expect(page.count <= max(limit, 1))
                if page.isEmpty { break }
                found += page
            }
            #expect(found == sorted, "limit \(limit), bytes \(bytes)")
        }
    }

    @Test("A damaged hint fails every read of it, and commands that must be judged against it are refused")
    func damage() throws {
        #expect(fixture.submit(hinted(1, "a", 1)) == .committed)
        try fixture.reopen { database in
            let batch = WriteBatch()
            let row = RowKey.hint(HintAddress(target: 1, place: hinted(1, "a", 1).place))
            batch.put(database.handle(.hints), key: row, value: [1, 2, 3])
            try database.write(batch, synced: true)
        }
        #expect(throws: StoreError.self) { try fixture.hints(of: 1) }
        for answer in [fixture.submit(hinted(1, "a", 2)), fixture.settle([settlement(hinted(1, "a", 1))])] {
            if case .refused(.inputOutput) = answer {} else { Issue.record("the result was \(answer)") }
        }
        #expect(fixture.store.hintTotals[1]?.pending == 1)
    }

    @Test("Through a thousand random steps the hints equal those of a model, and the totals add up")
    func againstModel() throws {
        var random = SeededRandom(seed: 8)
        var model: [HintAddress: Hint] = [:]
        for step in 0..<1000 as Range<UInt64> {
            let hint = hinted(
                MemberIndex(Int.random(in: 0..<3, using: &random)), "k\(Int.random(in: 0..<6, using: &random))",
                .random(in: 1...(step + 1), using: &random))
            let address = HintAddress(target: hint.target, place: hint.place)
            if Bool.random(using: &random) {
                let answer = fixture.submit(hint)
                let held = model[address]?.write.item.version
                let isNewer = held.map { hint.write.item.version > $0 } ?? true
                #expect(answer == .committed || answer == .refused(.hintBudget) || !isNewer)
                if answer == .committed { model[address] = hint }
            } else if let held = model[address], Bool.random(using: &random) {
                fixture.settle([settlement(held, .delivered), settlement(hint, .expired)])
                model[address] = nil
            }
            guard step % 100 == 99 else { continue }
            for target in [0, 1, 2] as [MemberIndex] {
                let expected = model.values.filter { $0.target == target }.sorted { $0.place < $1.place }
                #expect(try fixture.hints(of: target) == expected)
            }
            try expectConsistent()
        }
    }
}
