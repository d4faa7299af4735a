import Base
import Testing

@testable import Cluster

/// One small message of each kind, and how it is read.
private enum Sample: CaseIterable {
    case calls, answers, gossip

    var encoded: [UInt8] {
        switch self {
        case .calls:
            let operations: [PeerCall.Operation] = [
                .put(WireSamples.users, WireSamples.key("user:1"), WireSamples.item),
                .writeTable(WireSamples.usersAgain), .readTable(WireSamples.users.name),
                .page(WireSamples.fullPageRequest),
                .repair(WireSamples.users, WireSamples.key("k"), WireSamples.tombstone), .readCatalog,
                .compare(TreeDigest(roots: 1, catalog: 2)), .leaves([7, 8]),
                .list(
                    LeafRequest(
                        KeyPlace(partition: 7, leaf: 1),
                        after: RowPlace(table: WireSamples.users.id, key: WireSamples.key("k")), limit: 9)),
                .promise(partition: 7, WireSamples.version.clock), .purge(partition: 7, WireSamples.version.clock),
            ]
            return CallBatch(
                WireSamples.envelope,
                calls: operations.map { PeerCall($0, remainingMilliseconds: 9, trace: WireSamples.trace) }
            ).encoded
        case .answers:
            let entry = Page.Entry(key: WireSamples.key("k"), item: WireSamples.item)
            return AnswerBatch(
                WireSamples.envelope,
                answers: [
                    .stored, .item(WireSamples.tombstone), .table(WireSamples.users), .failed("disk"),
                    .page(Page(entries: [entry], next: WireSamples.key("k"))), .sums(Array(WireSamples.sums.prefix(2))),
                    .version(HeldVersion(WireSamples.item), floor: WireSamples.version.clock),
                    .catalog([WireSamples.users]), .roots([1, 2]), .roots(nil),
                    .leaves([WireSamples.leaves(of: 7, isRecovering: true)]),
                    .rows(LeafList(rows: Array(WireSamples.rows.prefix(2)), hasMore: true)),
                ]
            ).encoded
        case .gossip:
            return WireSamples.gossip(
                target: "node-2", seen: WireSamples.node(2), known: [WireSamples.node(2, isRecovering: true)],
                bootstrap: BootstrapView(
                    expected: 3, record: WireSamples.record(), isBootstrapped: true, acceptedBy: ["node-1"]),
                catalog: [WireSamples.users]
            ).encoded
        }
    }

    func decode(_ bytes: [UInt8]) throws(WireError) {
        switch self {
        case .calls: _ = try CallBatch(decoding: bytes)
        case .answers: _ = try AnswerBatch(decoding: bytes)
        case .gossip: _ = try GossipMessage(decoding: bytes)
        }
    }

    func refusal(_ bytes: [UInt8]) -> WireError? {
        do throws(WireError) {
            try decode(bytes)
            return nil
        } catch {
            return error
        }
    }
}

@Suite struct WireRefusalTests {
    @Test("A message cut short anywhere is refused", arguments: Sample.allCases)
    private func truncation(_ sample: Sample) {
        let encoded = sample.encoded
        #expect(sample.refusal(encoded) == nil)
        for length in encoded.indices {
            #expect(sample.refusal(Array(encoded[..<length])) != nil, "cut to \(length) bytes")
        }
    }

    @Test("A message cut short anywhere is refused even under a checksum of its own", arguments: Sample.allCases)
    private func sealedTruncation(_ sample: Sample) {
        let body = sample.encoded.dropLast(WireFormat.checksumBytes)
        for length in body.indices {
            let refusal = sample.refusal(sealed(Array(body[..<length])))
            let isCutShort = if case .cutShort = refusal { true } else { false }
            #expect(isCutShort, "cut to \(length) bytes: \(String(describing: refusal))")
        }
    }

    @Test("Each turned bit is noticed", arguments: Sample.allCases)
    private func bitFlips(_ sample: Sample) {
        let encoded = sample.encoded
        for bit in 0..<(encoded.count * 8) {
            var turned = encoded
            turned[bit / 8] ^= 1 << (bit % 8)
            #expect(sample.refusal(turned) != nil, "bit \(bit)")
        }
    }

    @Test("Bytes behind the end are refused", arguments: Sample.allCases)
    private func trailing(_ sample: Sample) {
        let body = Array(sample.encoded.dropLast(WireFormat.checksumBytes))
        #expect(sample.refusal(sealed(body + [0])) == .trailing(offset: body.count))
        #expect(sample.refusal(sample.encoded + [0]) == .checksum)
    }

    @Test("Whatever byte is put in the place of another, what is accepted has just this encoding")
    func everyCallByte() throws {
        let body = Array(Sample.calls.encoded.dropLast(WireFormat.checksumBytes))
        var accepted = 0
        for offset in body.indices {
            for byte in [0, 1, 2, 0x20, 0x7F, 0x80, 0xFF] as [UInt8] {
                var changed = body
                changed[offset] = byte
                let message = sealed(changed)
                guard let batch = try? CallBatch(decoding: message) else { continue }
                accepted += 1
                #expect(batch.encoded == message, "byte \(offset) set to \(byte)")
            }
        }
        #expect(accepted > body.count, "too little was accepted to show anything")
    }

    @Test("And the same of an answer")
    func everyAnswerByte() throws {
        let body = Array(Sample.answers.encoded.dropLast(WireFormat.checksumBytes))
        var accepted = 0
        for offset in body.indices {
            for byte in [0, 1, 3, 0x20, 0x7F, 0x80, 0xFF] as [UInt8] {
                var changed = body
                changed[offset] = byte
                let message = sealed(changed)
                guard let batch = try? AnswerBatch(decoding: message) else { continue }
                accepted += 1
                #expect(batch.encoded == message, "byte \(offset) set to \(byte)")
            }
        }
        #expect(accepted > body.count, "too little was accepted to show anything")
    }

    @Test("The frame says what it is, and what it is not")
    func frame() {
        var bytes = Sample.calls.encoded
        #expect(Sample.answers.refusal(bytes) == .otherKind(1, expected: .answers))
        #expect(Sample.gossip.refusal(bytes) == .otherKind(1, expected: .gossip))
        for number: UInt8 in [1, 3] {
            bytes[4] = number
            #expect(Sample.calls.refusal(bytes) == .unknownFormat(number))
        }
        bytes[0] = UInt8(ascii: "{")
        #expect(Sample.calls.refusal(bytes) == .notOurs)
        #expect(Sample.calls.refusal([]) == .cutShort(.header, offset: 0))
        #expect(
            Sample.calls.refusal([UInt8](repeating: 0, count: WireLimits.messageBytes + 1))
                == .tooLong(bytes: WireLimits.messageBytes + 1))
    }

    @Test("A refusal says in one sentence what is wrong and where")
    func sentences() {
        #expect("\(WireError.unknownFormat(1))" == "it is of wire format 1, and this node speaks 2")
        #expect("\(WireError.otherKind(1, expected: .gossip))"
            == "it is a message of kind 1, where kind 3 (gossip) belongs")
        #expect("\(WireError.invalid(.tableName, offset: 91))"
            == "the table name at byte 91 is one that no node writes")
        #expect("\(WireError.tooMany(.calls, count: 2000, limit: 1024, offset: 91))"
            == "calls: 2000 at byte 91, at most 1024 are allowed")
        #expect("\(WireError.cutShort(.value, offset: 91))" == "it ends within the value at byte 91")
    }
}
