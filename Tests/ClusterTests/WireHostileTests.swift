import Base
import Testing

@testable import Cluster

// Messages with a valid checksum that no node of this software writes.

/// Builds the bytes after the envelope of a batch, or after the frame header of a gossip message, field by field.
private struct Pieces {
    var bytes: [UInt8] = []

    func u8(_ values: UInt8...) -> Pieces { with { $0 += values } }
    func u16(_ value: UInt16) -> Pieces { with { $0.appendBigEndian(value) } }
    func u32(_ value: UInt32) -> Pieces { with { $0.appendBigEndian(value) } }
    func u64(_ values: UInt64...) -> Pieces {
        with { bytes in
            for value in values { bytes.appendBigEndian(value) }
        }
    }
    func raw(_ text: String) -> Pieces { with { $0 += text.utf8 } }
    func raw(_ more: [UInt8]) -> Pieces { with { $0 += more } }

    func table(
        _ name: String = "users", generation: UInt64 = 1, flags: UInt8 = 0, createdAt: UInt64 = 0
    ) -> Pieces {
        u8(UInt8(name.utf8.count)).raw(name).u64(generation).u8(flags).u64(createdAt)
    }

    /// Appends a call batch of one table and one call for it, up to the arguments of the call.
    func call(_ code: UInt8, table index: UInt16 = 0) -> Pieces {
        u16(1).table().u16(1).u8(code).u32(1).u8(0).u64(0, 0, 0).u8(0).u16(index)
    }

    func key(_ text: String = "k") -> Pieces { u16(UInt16(text.utf8.count)).raw(text) }
    func version(_ clock: UInt64 = 1, _ writeID: UInt64 = 1) -> Pieces { u64(clock, writeID) }

    private func with(_ change: (inout [UInt8]) -> Void) -> Pieces {
        var copy = self
        change(&copy.bytes)
        return copy
    }

    /// Appends a call batch of one call that names no table, up to the arguments of the call.
    func tableless(_ code: UInt8) -> Pieces { u16(0).u16(1).u8(code).u32(1).u8(0).u64(0, 0, 0).u8(0) }

    /// Appends an answer batch of one answer that names no table, up to the fields of the answer.
    func answer(_ code: UInt8) -> Pieces { u16(0).u16(1).u8(code) }

    /// Appends a row of a leaf list. The row belongs to the given table, or to the table of the row before it if
    /// `table` is nil.
    func row(_ flags: UInt8, of table: UInt64? = nil, _ key: String) -> Pieces {
        (table.map { u8(flags).u64($0) } ?? u8(flags | 2)).key(key).version().u64(0)
    }

    /// Returns a complete message of one wire kind: frame header, envelope, the bytes built so far, and the checksum.
    func message(_ kind: WireKind) -> [UInt8] {
        sealed(Pieces.head(kind) + bytes)
    }

    static func head(_ kind: WireKind) -> [UInt8] {
        switch kind {
        case .calls: Array(CallBatch(WireSamples.envelope, calls: []).encoded.dropLast(12))
        case .answers: Array(AnswerBatch(WireSamples.envelope, answers: []).encoded.dropLast(12))
        case .gossip: Array(WireSamples.gossip().encoded.prefix(WireFormat.headerBytes))
        }
    }
}

private func calls(_ pieces: Pieces) -> WireError? {
    do throws(WireError) {
        _ = try CallBatch(decoding: pieces.message(.calls))
        return nil
    } catch { return error }
}

private func answers(_ pieces: Pieces) -> WireError? {
    do throws(WireError) {
        _ = try AnswerBatch(decoding: pieces.message(.answers))
        return nil
    } catch { return error }
}

private func gossip(_ pieces: Pieces) -> WireError? {
    do throws(WireError) {
        _ = try GossipMessage(decoding: pieces.message(.gossip))
        return nil
    } catch { return error }
}

/// The offset of the first byte after the envelope in a call batch.
private let start = Pieces.head(.calls).count
private let none = Pieces()

@Suite struct WireHostileTests {
    @Test("Valid messages built from pieces are accepted, so that each message below is rejected for its one fault")
    func genuine() {
        #expect(calls(none.call(1).key()) == nil)
        #expect(calls(none.call(3).key().version().u8(0).u32(2).raw("{}")) == nil)
        #expect(calls(none.call(3).key().version().u8(1).u32(0)) == nil)
        #expect(calls(none.call(6).u8(0).u32(1).u32(1).u16(0)) == nil)
        #expect(answers(none.u16(0).u16(1).u8(5)) == nil)
    }

    @Test("A count larger than the rest of the message is rejected before memory is allocated for it")
    func counts() {
        #expect(calls(none.u16(.max)) == .tooMany(.tables, count: 65535, limit: 1024, offset: start))
        #expect(calls(none.u16(1024)) == .cutShort(.tables, offset: start))
        #expect(calls(none.u16(0).u16(1025)) == .tooMany(.calls, count: 1025, limit: 1024, offset: start + 2))
        #expect(calls(none.u16(0).u16(1024)) == .cutShort(.calls, offset: start + 2))
        #expect(answers(none.u16(0).u16(1024).u8(5)) == .cutShort(.answers, offset: start + 2))
        let page = none.u16(0).u16(1).u8(9, 0)
        #expect(answers(page.u32(.max))
            == .tooMany(.entries, count: 0xFFFF_FFFF, limit: WireLimits.pageEntries, offset: start + 6))
        #expect(answers(page.u32(60_000)) == .cutShort(.entries, offset: start + 6))
        let sums = none.u16(0).u16(1).u8(10)
        #expect(answers(sums.u32(.max))
            == .tooMany(.sums, count: 0xFFFF_FFFF, limit: WireLimits.partitions, offset: start + 5))
        #expect(answers(sums.u32(65_536)) == .cutShort(.sums, offset: start + 5))
    }

    @Test("A length larger than its limit or than the rest of the message is rejected")
    func lengths() {
        let call = none.call(3)
        let at = start + call.bytes.count
        #expect(calls(call.u16(1025)) == .tooMany(.key, count: 1025, limit: 1024, offset: at))
        #expect(calls(call.u16(1024).raw("k")) == .cutShort(.key, offset: at + 2))
        let value = call.key().version().u8(0)
        #expect(calls(value.u32(.max).raw("{}")) == .cutShort(.value, offset: start + value.bytes.count + 4))
        let page = none.call(6).u8(4).u32(1).u32(1)
        #expect(calls(page.u16(1026)) == .tooMany(.bound, count: 1026, limit: 1025, offset: start + page.bytes.count))
        let reason = none.u16(0).u16(1).u8(69)
        #expect(answers(reason.u16(1025)) == .tooMany(.reason, count: 1025, limit: 1024, offset: start + 5))
        let trace = none.u16(0).u16(1).u8(4).u32(1).u8(129)
        #expect(calls(trace.raw([UInt8](repeating: 0, count: 64)))
            == .tooMany(.requestID, count: 129, limit: 128, offset: start + 9))
    }

    @Test("Invalid table names are rejected", arguments: [
        "", "a/b", "a b", "..\u{0}", "ü", String(repeating: "x", count: 129),
    ])
    func names(name: String) {
        let refused = WireError.invalid(.tableName, offset: start + 2)
        #expect(calls(none.u16(1).table(name).u16(0)) == refused)
    }

    @Test("Impossible table states are rejected")
    func states() {
        let at = start + 2 + 6
        #expect(calls(none.u16(1).table(generation: 0).u16(0)) == .invalid(.generation, offset: at))
        #expect(calls(none.u16(1).table(generation: .max).u16(0)) == .invalid(.generation, offset: at))
        #expect(calls(none.u16(1).table(flags: 2).u16(0)) == .invalid(.flags, offset: at + 8))
        #expect(calls(none.u16(1).table(createdAt: 1 << 48).u16(0)) == .invalid(.wallTime, offset: at + 9))
    }

    @Test("A batch with a missing, unused, duplicate or misplaced table is rejected")
    func tables() {
        let indexAt = start + none.call(1).bytes.count - 2
        #expect(calls(none.call(1, table: 1).key()) == .invalid(.tableIndex, offset: indexAt))
        #expect(calls(none.call(1, table: .max).key()) == .invalid(.tableIndex, offset: indexAt))
        #expect(answers(none.u16(0).u16(1).u8(8).u16(0)) == .invalid(.tableIndex, offset: start + 5))
        #expect(answers(none.u16(1).table().u16(1).u8(5)) == .invalid(.tables, offset: start + 2 + 23 + 2 + 1))
        #expect(answers(none.u16(2).table().table().u16(1).u8(5)) == .invalid(.tables, offset: start))
        let two = none.u16(2).table("a").table("b").u16(2)
        #expect(answers(two.u8(8).u16(0).u8(8).u16(1)) == nil)
        #expect(answers(two.u8(8).u16(1).u8(8).u16(0)) == .invalid(.tableIndex, offset: start + two.bytes.count + 1))
    }

    @Test("Unknown codes of calls and answers are rejected")
    func codes() {
        let at = start + 2 + 23 + 2
        for code: UInt8 in [0, 15, 255] { #expect(calls(none.call(code)) == .invalid(.operation, offset: at)) }
        for code: UInt8 in [0, 16, 63, 70, 255] {
            #expect(answers(none.u16(0).u16(1).u8(code)) == .invalid(.answer, offset: start + 4))
        }
    }

    @Test("Empty keys and keys that are not UTF-8 are rejected")
    func keys() {
        let at = start + none.call(2).bytes.count
        #expect(calls(none.call(2).u16(0)) == .invalid(.key, offset: at))
        for bytes: [UInt8] in [[0xFF], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80]] {
            #expect(calls(none.call(2).u16(UInt16(bytes.count)).raw(bytes)) == .invalid(.key, offset: at))
        }
    }

    @Test("The lowest version, which is never issued, and versions without a successor are rejected")
    func versions() {
        let put = none.call(3).key()
        let at = start + put.bytes.count
        #expect(calls(put.version(0, 0).u8(0).u32(0)) == .invalid(.version, offset: at))
        #expect(calls(put.version(.max, 1).u8(0).u32(0)) == .invalid(.version, offset: at))
        #expect(answers(none.u16(0).u16(1).u8(6).version(0, 0)) == .invalid(.version, offset: start + 5))
    }

    @Test("A tombstone with a value and undefined flags are rejected")
    func flags() {
        let put = none.call(3).key().version()
        let at = start + put.bytes.count
        #expect(calls(put.u8(1).u32(2).raw("{}")) == .invalid(.value, offset: at + 1))
        #expect(calls(put.u8(2).u32(0)) == .invalid(.flags, offset: at))
        #expect(answers(none.answer(2).u64(0).version().u8(3).u64(0)) == .invalid(.flags, offset: start + 29))
        let page = none.call(6)
        #expect(calls(page.u8(32).u32(1).u32(1).u16(0)) == .invalid(.flags, offset: start + page.bytes.count))
    }

    @Test("Page limits of zero or beyond the maximum are rejected")
    func pages() {
        let page = none.call(6).u8(0)
        let at = start + page.bytes.count
        #expect(calls(page.u32(0).u32(1).u16(0)) == .invalid(.pageLimit, offset: at))
        #expect(calls(page.u32(1).u32(0).u16(0)) == .invalid(.pageLimit, offset: at + 4))
        #expect(calls(page.u32(.max).u32(1).u16(0)) == .invalid(.pageLimit, offset: at))
    }

    @Test("A reason that is not UTF-8 is rejected")
    func reason() {
        #expect(answers(none.u16(0).u16(1).u8(68).u16(1).u8(0xFF)) == .invalid(.reason, offset: start + 5))
    }

    @Test("Gossip with an invalid node id, an impossible time or a formed cluster without a record is rejected")
    func gossips() {
        let head = WireFormat.headerBytes
        #expect(gossip(none.u8(0)) == .invalid(.nodeID, offset: head))
        #expect(gossip(none.u8(65)) == .tooMany(.nodeID, count: 65, limit: 64, offset: head))
        #expect(gossip(none.u8(1, 0xFF)) == .invalid(.nodeID, offset: head))
        let node = none.u8(1).raw("n").u8(1).raw("a").u64(1, 2, 3, 4, 5, 6)
        #expect(gossip(node.u8(2)) == .invalid(.flags, offset: head + node.bytes.count))
        let sender = node.u8(0)
        let at = head + sender.bytes.count
        #expect(gossip(sender.u64(.max)) == .invalid(.wallTime, offset: at))
        let target = sender.u64(1).u8(0)
        #expect(gossip(target.u8(2)) == .invalid(.flags, offset: at + 9))
        #expect(gossip(target.u8(1)) == .cutShort(.nodeID, offset: at + 10))
        #expect(gossip(target.u8(1).raw(node.u8(1).bytes).u16(257))
            == .tooMany(.knownNodes, count: 257, limit: 256, offset: at + 10 + sender.bytes.count))
        let known = target.u8(0)
        #expect(gossip(known.u16(257)) == .tooMany(.knownNodes, count: 257, limit: 256, offset: at + 10))
        #expect(gossip(known.u16(256)) == .cutShort(.knownNodes, offset: at + 10))
        let forming = known.u16(0).u16(3)
        let recordAt = head + forming.bytes.count + 1
        #expect(gossip(forming.u8(1).u32(0)) == .invalid(.record, offset: recordAt))
        #expect(gossip(forming.u8(0).u32(.max))
            == .tooMany(.record, count: 0xFFFF_FFFF, limit: WireLimits.recordBytes, offset: recordAt))
        #expect(gossip(forming.u8(0).u32(3).raw("abc")) == .invalid(.record, offset: recordAt))
        let catalog = forming.u8(0).u32(0).u16(0).u64(0)
        #expect(gossip(catalog.u32(100_001))
            == .tooMany(.catalog, count: 100_001, limit: 100_000, offset: head + catalog.bytes.count))
        #expect(gossip(catalog.u32(100_000)) == .cutShort(.catalog, offset: head + catalog.bytes.count))
        #expect(gossip(catalog.u32(0)) == nil)
    }
}

@Suite struct WireHostileTreeTests {
    @Test("Valid messages built from pieces are accepted, so that each message below is rejected for its one fault")
    func genuine() {
        #expect(calls(none.tableless(9)) == nil)
        #expect(calls(none.tableless(10).u64(1, 2)) == nil)
        #expect(calls(none.tableless(11).u16(2).u16(3).u16(1)) == nil)
        #expect(calls(none.tableless(12).u16(7).u8(63, 0).u16(1)) == nil)
        #expect(calls(none.tableless(12).u16(7).u8(63, 1).u64(5).key().u16(4096)) == nil)
        #expect(calls(none.tableless(13).u16(7).u64(0)) == nil)
        #expect(calls(none.call(8).key().version().u8(1).u32(0)) == nil)
        #expect(answers(none.answer(15).u8(0).u16(2).row(0, of: 1, "a").row(1, "b")) == nil)
    }

    @Test("A count larger than the rest of the message is rejected before memory is allocated for it")
    func counts() {
        let at = start + none.tableless(11).bytes.count
        #expect(calls(none.tableless(11).u16(65)) == .tooMany(.partition, count: 65, limit: 64, offset: at))
        #expect(calls(none.tableless(11).u16(64)) == .cutShort(.partition, offset: at))
        #expect(answers(none.answer(11).u32(.max))
            == .tooMany(.catalog, count: 0xFFFF_FFFF, limit: 100_000, offset: start + 5))
        #expect(answers(none.answer(11).u32(100_000)) == .cutShort(.catalog, offset: start + 5))
        #expect(answers(none.answer(13).u32(65_537))
            == .tooMany(.leaves, count: 65_537, limit: 65_536, offset: start + 5))
        #expect(answers(none.answer(13).u32(65_536)) == .cutShort(.leaves, offset: start + 5))
        #expect(answers(none.answer(14).u16(65)) == .tooMany(.leaves, count: 65, limit: 64, offset: start + 5))
        #expect(answers(none.answer(14).u16(1)) == .cutShort(.leaves, offset: start + 5))
        #expect(answers(none.answer(15).u8(0).u16(4097))
            == .tooMany(.rows, count: 4097, limit: 4096, offset: start + 6))
        #expect(answers(none.answer(15).u8(0).u16(4096)) == .cutShort(.rows, offset: start + 6))
    }

    @Test("Leaf numbers out of range and list limits of zero or beyond the maximum are rejected")
    func lists() {
        let list = none.tableless(12).u16(7)
        let at = start + list.bytes.count
        #expect(calls(list.u8(64, 0).u16(1)) == .invalid(.leaf, offset: at))
        #expect(calls(list.u8(0, 2).u16(1)) == .invalid(.flags, offset: at + 1))
        #expect(calls(list.u8(0, 0).u16(0)) == .invalid(.number, offset: at + 2))
        #expect(calls(list.u8(0, 0).u16(4097)) == .invalid(.number, offset: at + 2))
        #expect(calls(list.u8(0, 1).u64(5).u16(0).u16(1)) == .invalid(.key, offset: at + 10))
    }

    @Test("Rows of a leaf that do not ascend, or that encode their table in a non-canonical way, are rejected")
    func rows() {
        let list = none.answer(15).u8(0)
        let second = start + list.u16(2).row(0, of: 5, "b").bytes.count
        for next in [none.row(0, "b"), none.row(0, "a"), none.row(0, of: 5, "c"), none.row(0, of: 4, "c")] {
            #expect(answers(list.u16(2).row(0, of: 5, "b").raw(next.bytes)) == .invalid(.rows, offset: second))
        }
        #expect(answers(list.u16(2).row(0, of: 5, "b").row(0, of: 6, "a")) == nil)
        #expect(answers(list.u16(1).row(0, "a").u64(0)) == .invalid(.rows, offset: start + 8))
        #expect(answers(list.u16(1).row(4, of: 1, "a")) == .invalid(.flags, offset: start + 8))
        #expect(answers(none.answer(15).u8(2).u16(0)) == .invalid(.flags, offset: start + 5))
    }

    @Test("Purge marks and floors without a successor are rejected")
    func marks() {
        for code: UInt8 in [13, 14] {
            let call = none.tableless(code).u16(7)
            #expect(calls(call.u64(.max)) == .invalid(.version, offset: start + call.bytes.count))
        }
        #expect(answers(none.answer(1).u64(.max)) == .invalid(.version, offset: start + 5))
        #expect(answers(none.answer(2).u64(.max).version().u8(0).u64(0)) == .invalid(.version, offset: start + 5))
        #expect(answers(none.answer(14).u16(1).u16(7).u64(.max).raw([UInt8](repeating: 0, count: 513)))
            == .invalid(.version, offset: start + 9))
        #expect(answers(none.answer(14).u16(1).u16(7).u64(0).u8(2).raw([UInt8](repeating: 0, count: 512)))
            == .invalid(.flags, offset: start + 17))
    }

    @Test("Store replacements that do not ascend by member, or outnumber the possible members, are rejected")
    func replacements() {
        // The bytes of a call batch before its count of store replacements: the count (2 bytes) and two replacements
        // (18 bytes each) are cut off.
        let head = Array(Pieces.head(.calls).dropLast(2 + 2 * 18))
        func refusal(_ pieces: Pieces) -> WireError? {
            do throws(WireError) {
                _ = try CallBatch(decoding: sealed(head + pieces.bytes))
                return nil
            } catch { return error }
        }
        let one = none.u16(3).u64(1, 1)
        #expect(refusal(none.u16(1).raw(one.bytes).u16(0).u16(0)) == nil)
        for member: UInt16 in [3, 2] {
            let two = none.u16(2).raw(one.bytes).u16(member).u64(1, 1)
            #expect(refusal(two.u16(0).u16(0)) == .invalid(.replacements, offset: head.count + 2 + 18))
        }
        #expect(refusal(none.u16(257)) == .tooMany(.replacements, count: 257, limit: 256, offset: head.count))
        #expect(refusal(none.u16(256)) == .cutShort(.replacements, offset: head.count))
    }
}
