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

    @Test("The encoding of a hint does not change")
    func frozen() {
        #expect(row(sample).hex == "0102" + "0000000000000003" + "6b")
        let time = "000001a3185c5000" + "000000000000004d"
        let trace = "0000000000000001" + "0000000000000002" + "0000000000000003" + "01" + "03" + "726571"
        let item = "0000000000000102" + "0000000000000001" + "00" + "c5e3762ffc8453c6" + "7b2261223a317d"
        #expect(record(sample).hex == time + trace + item)
    }

    @Test("A hint survives encoding and decoding, also with the longest key and request id")
    func roundTrip() throws {
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

    @Test("Totals have a waiting time if hints are pending, except in rows of an earlier version")
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

    @Test("Hint totals and a purge mark survive encoding and decoding")
    func metaRows() {
        var totals = HintTotals()
        totals.store(sample)
        totals.store(sample, replacing: sample)
        let decoded = MetaRow.totals(key: MetaRow.totalsKey(7).span, value: MetaRow.totalsValue(totals).span)
        #expect(decoded?.target == 7 && decoded?.totals == totals)
        let mark = PurgeMark(promised: HybridTimestamp(rawValue: 9), purged: HybridTimestamp(rawValue: 8))
        let found = MetaRow.purgeMark(key: MetaRow.purgeMarkKey(300).span, value: MetaRow.purgeMarkValue(mark).span)
        #expect(found?.partition == 300 && found?.mark == mark)
    }

    @Test("A damaged record is never decoded, and the error names the damage")
    func damage() {
        let intact = record(sample)
        for count in 0..<70 {
            #expect(throws: HintRecord.Damage.self) {
                try HintRecord.hint(row: row(sample).span, record: Array(intact[..<count]).span)
            }
        }
        var long = intact
        long[41] = 129
        #expect(throws: HintRecord.Damage.requestIDTooLong(bytes: 129)) {
            try HintRecord.hint(row: row(sample).span, record: long.span)
        }
        var flipped = intact
        flipped[intact.count - 1] ^= 1
        #expect(throws: HintRecord.Damage.self) { try HintRecord.hint(row: row(sample).span, record: flipped.span) }
        for count in 0...10 {
            #expect(throws: HintRecord.Damage.invalidKey) {
                try HintRecord.hint(row: Array(row(sample)[..<count]).span, record: intact.span)
            }
        }
    }
}
