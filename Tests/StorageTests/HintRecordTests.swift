import Base
import Cluster
import Testing

@testable import Storage

@Suite struct HintRecordTests {
    private let sample = hint(258, put(TableID(rawValue: 3), "k", 0x0102, #"{"a":1}"#), requestID: "req")

    private func row(_ hint: Hint) -> [UInt8] { RowKey.hint(HintAddress(target: hint.target, place: hint.place)) }

    private func record(_ hint: Hint) -> [UInt8] {
        var record: [UInt8] = []
        HintRecord.append(hint, to: &record)
        return record
    }

    @Test("The bytes of a hint are frozen")
    func frozen() {
        #expect(row(sample).hex == "0102" + "0000000000000003" + "6b")
        let time = "000001a3185c5000" + "000000000000004d"
        let trace = "0000000000000001" + "0000000000000002" + "0000000000000003" + "01" + "03" + "726571"
        let item = "0000000000000102" + "0000000000000001" + "00" + "c5e3762ffc8453c6" + "7b2261223a317d"
        #expect(record(sample).hex == time + trace + item)
    }

    @Test("A hint is the same again, whatever is the longest in it")
    func sameAgain() throws {
        let longest = String(repeating: "r", count: RequestTrace.maximumRequestIDBytes)
        let key = String(repeating: "k", count: ItemKey.maximumBytes)
        let hints = [
            sample, hint(0, delete(TableID(rawValue: 0), "a", 0), requestID: ""),
            hint(65_535, put(TableID(rawValue: .max), key, .max, ""), requestID: longest),
        ]
        for hint in hints {
            #expect(try HintRecord.hint(row: row(hint).span, record: record(hint).span) == hint)
        }
    }

    @Test("An account without hints says nothing of a time; one with hints and no time is an earlier version's")
    func waitingSince() {
        var totals = HintTotals()
        #expect(MetaRow.totalsValue(totals).count == 48)
        totals.store(sample)
        let row = MetaRow.totalsValue(totals)
        #expect(row.count == 56)
        let key = MetaRow.totalsKey(7)
        let earlier = MetaRow.totals(key: key.span, value: Array(row.prefix(48)).span)
        #expect(earlier?.totals.pending == 1 && earlier?.totals.waitingSinceMilliseconds == 0)
        let noTime = Array(row.prefix(48)) + [UInt8](repeating: 0, count: 8)
        for damaged in [noTime, Array(row.prefix(52)), row + [0]] {
            #expect(MetaRow.totals(key: key.span, value: damaged.span) == nil)
        }
    }

    @Test("The account of hints and a mark are the same again")
    func metaRows() {
        var totals = HintTotals()
        totals.store(sample)
        totals.store(sample, replacing: sample)
        let kept = MetaRow.totals(key: MetaRow.totalsKey(7).span, value: MetaRow.totalsValue(totals).span)
        #expect(kept?.target == 7 && kept?.totals == totals)
        let mark = PurgeMark(promised: HybridTimestamp(rawValue: 9), purged: HybridTimestamp(rawValue: 8))
        let found = MetaRow.mark(key: MetaRow.markKey(300).span, value: MetaRow.markValue(mark).span)
        #expect(found?.partition == 300 && found?.mark == mark)
    }

    @Test("Damage of any kind is named, never read")
    func damage() {
        let whole = record(sample)
        for count in 0..<70 {
            #expect(throws: HintRecord.Damage.self) {
                try HintRecord.hint(row: row(sample).span, record: Array(whole[..<count]).span)
            }
        }
        var long = whole
        long[41] = 129
        #expect(throws: HintRecord.Damage.requestIDTooLong(bytes: 129)) {
            try HintRecord.hint(row: row(sample).span, record: long.span)
        }
        var bent = whole
        bent[whole.count - 1] ^= 1
        #expect(throws: HintRecord.Damage.self) { try HintRecord.hint(row: row(sample).span, record: bent.span) }
        for count in 0...10 {
            #expect(throws: HintRecord.Damage.noPlace) {
                try HintRecord.hint(row: Array(row(sample)[..<count]).span, record: whole.span)
            }
        }
    }
}
