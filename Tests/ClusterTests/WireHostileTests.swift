import Base
import Testing

@testable import Cluster

// Messages that bear a right checksum and were yet written by no node of ours.

/// Bytes after the envelope of a batch, or after the frame's head of a gossip message.
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

    /// One table, one call of it.
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

    /// Behind the head and the envelope of a batch of this kind.
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

/// Where the first piece stands.
private let start = Pieces.head(.calls).count
private let none = Pieces()

@Suite struct WireHostileTests {
    @Test("The pieces put together rightly are accepted, so that what follows fails for its one fault")
    func genuine() {
        #expect(calls(none.call(1).key()) == nil)
        #expect(calls(none.call(3).key().version().u8(0).u32(2).raw("{}")) == nil)
        #expect(calls(none.call(3).key().version().u8(1).u32(0)) == nil)
        #expect(calls(none.call(6).u8(0).u32(1).u32(1).u16(0)) == nil)
        #expect(answers(none.u16(0).u16(1).u8(5)) == nil)
    }

    @Test("Counts that the bytes cannot bear are refused before room is made for them")
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

    @Test("Lengths that the bytes cannot bear are refused")
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
        let origin = none.u16(0).u16(1).u8(4).u32(1).u8(129)
        #expect(calls(origin.raw([UInt8](repeating: 0, count: 64)))
            == .tooMany(.requestID, count: 129, limit: 128, offset: start + 9))
    }

    @Test("Table names that are none are refused", arguments: [
        "", "a/b", "a b", "..\u{0}", "ü", String(repeating: "x", count: 129),
    ])
    func names(name: String) {
        let refused = WireError.invalid(.tableName, offset: start + 2)
        #expect(calls(none.u16(1).table(name).u16(0)) == refused)
    }

    @Test("Table states that no node has are refused")
    func states() {
        let at = start + 2 + 6
        #expect(calls(none.u16(1).table(generation: 0).u16(0)) == .invalid(.generation, offset: at))
        #expect(calls(none.u16(1).table(generation: .max).u16(0)) == .invalid(.generation, offset: at))
        #expect(calls(none.u16(1).table(flags: 2).u16(0)) == .invalid(.flags, offset: at + 8))
        #expect(calls(none.u16(1).table(createdAt: 1 << 48).u16(0)) == .invalid(.wallTime, offset: at + 9))
    }

    @Test("A table that is not in the batch, or there in vain, twice or out of turn, is refused")
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

    @Test("Codes without a meaning are refused")
    func codes() {
        let at = start + 2 + 23 + 2
        for code: UInt8 in [0, 8, 255] { #expect(calls(none.call(code)) == .invalid(.operation, offset: at)) }
        for code: UInt8 in [0, 11, 63, 70, 255] {
            #expect(answers(none.u16(0).u16(1).u8(code)) == .invalid(.answer, offset: start + 4))
        }
    }

    @Test("Keys that are empty or no UTF-8 are refused")
    func keys() {
        let at = start + none.call(2).bytes.count
        #expect(calls(none.call(2).u16(0)) == .invalid(.key, offset: at))
        for bytes: [UInt8] in [[0xFF], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80]] {
            #expect(calls(none.call(2).u16(UInt16(bytes.count)).raw(bytes)) == .invalid(.key, offset: at))
        }
    }

    @Test("Versions that were never issued or that nothing could follow are refused")
    func versions() {
        let put = none.call(3).key()
        let at = start + put.bytes.count
        #expect(calls(put.version(0, 0).u8(0).u32(0)) == .invalid(.version, offset: at))
        #expect(calls(put.version(.max, 1).u8(0).u32(0)) == .invalid(.version, offset: at))
        #expect(answers(none.u16(0).u16(1).u8(6).version(0, 0)) == .invalid(.version, offset: start + 5))
    }

    @Test("A tombstone with a value, and flags without a meaning, are refused")
    func flags() {
        let put = none.call(3).key().version()
        let at = start + put.bytes.count
        #expect(calls(put.u8(1).u32(2).raw("{}")) == .invalid(.value, offset: at + 1))
        #expect(calls(put.u8(2).u32(0)) == .invalid(.flags, offset: at))
        #expect(answers(none.u16(0).u16(1).u8(2).version().u8(3).u64(0)) == .invalid(.flags, offset: start + 21))
        let page = none.call(6)
        #expect(calls(page.u8(32).u32(1).u32(1).u16(0)) == .invalid(.flags, offset: start + page.bytes.count))
    }

    @Test("Pages of nothing or of everything are refused")
    func pages() {
        let page = none.call(6).u8(0)
        let at = start + page.bytes.count
        #expect(calls(page.u32(0).u32(1).u16(0)) == .invalid(.pageLimit, offset: at))
        #expect(calls(page.u32(1).u32(0).u16(0)) == .invalid(.pageLimit, offset: at + 4))
        #expect(calls(page.u32(.max).u32(1).u16(0)) == .invalid(.pageLimit, offset: at))
    }

    @Test("A reason that is no UTF-8 is refused")
    func reason() {
        #expect(answers(none.u16(0).u16(1).u8(68).u16(1).u8(0xFF)) == .invalid(.reason, offset: start + 5))
    }

    @Test("Gossip of nameless nodes, impossible times or a formed cluster without a record is refused")
    func gossips() {
        let head = WireFormat.headerBytes
        #expect(gossip(none.u8(0)) == .invalid(.nodeID, offset: head))
        #expect(gossip(none.u8(65)) == .tooMany(.nodeID, count: 65, limit: 64, offset: head))
        #expect(gossip(none.u8(1, 0xFF)) == .invalid(.nodeID, offset: head))
        let sender = none.u8(1).raw("n").u8(1).raw("a").u64(1, 2, 3, 4, 5)
        let at = head + sender.bytes.count
        #expect(gossip(sender.u64(.max)) == .invalid(.wallTime, offset: at))
        let known = sender.u64(1).u8(0)
        #expect(gossip(known.u16(257)) == .tooMany(.knownNodes, count: 257, limit: 256, offset: at + 9))
        #expect(gossip(known.u16(256)) == .cutShort(.knownNodes, offset: at + 9))
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
