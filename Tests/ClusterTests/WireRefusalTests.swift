import Base
import Testing

@testable import Cluster

/// A small message of each kind, with its decoder.
private enum MessageSample: CaseIterable {
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
    @Test("A message truncated at any byte is rejected", arguments: MessageSample.allCases)
    private func truncation(_ sample: MessageSample) {
        let encoded = sample.encoded
        #expect(sample.refusal(encoded) == nil)
        for length in encoded.indices {
            #expect(sample.refusal(Array(encoded[..<length])) != nil, "cut to \(length) bytes")
        }
    }

    @Test("A message truncated at any byte is rejected even with a valid checksum", arguments: MessageSample.allCases)
    private func sealedTruncation(_ sample: MessageSample) {
        let body = sample.encoded.dropLast(WireFormat.checksumBytes)
        for length in body.indices {
            let refusal = sample.refusal(sealed(Array(body[..<length])))
            let isCutShort = if case .cutShort = refusal { true } else { false }
            #expect(isCutShort, "cut to \(length) bytes: \(String(describing: refusal))")
        }
    }

    @Test("Each flipped bit is detected", arguments: MessageSample.allCases)
    private func bitFlips(_ sample: MessageSample) {
        let encoded = sample.encoded
        for bit in 0..<(encoded.count * 8) {
            var turned = encoded
            turned[bit / 8] ^= 1 << (bit % 8)
            #expect(sample.refusal(turned) != nil, "bit \(bit)")
        }
    }

    @Test("Trailing bytes are rejected", arguments: MessageSample.allCases)
    private func trailing(_ sample: MessageSample) {
        let body = Array(sample.encoded.dropLast(WireFormat.checksumBytes))
        #expect(sample.refusal(sealed(body + [0])) == .trailing(offset: body.count))
        #expect(sample.refusal(sample.encoded + [0]) == .checksum)
    }

    @Test("A call batch with a changed byte is rejected, or encodes to the same bytes again")
    func everyCallByte() throws {
        let body = Array(MessageSample.calls.encoded.dropLast(WireFormat.checksumBytes))
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
        #expect(accepted > body.count, "too few changed messages were accepted for a meaningful test")
    }

    @Test("An answer batch with a changed byte is rejected, or encodes to the same bytes again")
    func everyAnswerByte() throws {
        let body = Array(MessageSample.answers.encoded.dropLast(WireFormat.checksumBytes))
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
        #expect(accepted > body.count, "too few changed messages were accepted for a meaningful test")
    }

    @Test("Messages of another kind, another format version or another protocol are rejected")
    func frame() {
        var bytes = MessageSample.calls.encoded
        #expect(MessageSample.answers.refusal(bytes) == .otherKind(1, expected: .answers))
        #expect(MessageSample.gossip.refusal(bytes) == .otherKind(1, expected: .gossip))
        for number: UInt8 in [1, 3] {
            bytes[4] = number
            #expect(MessageSample.calls.refusal(bytes) == .unknownFormat(number))
        }
        bytes[0] = UInt8(ascii: "{")
        #expect(MessageSample.calls.refusal(bytes) == .notOurs)
        #expect(MessageSample.calls.refusal([]) == .cutShort(.header, offset: 0))
        #expect(
            MessageSample.calls.refusal([UInt8](repeating: 0, count: WireLimits.messageBytes + 1))
                == .tooLong(bytes: WireLimits.messageBytes + 1))
    }

    @Test("A decoding error states what is wrong and at which byte")
    func sentences() {
        #expect("\(WireError.unknownFormat(1))" == "wire format 1 is not supported; this node uses wire format 2")
        #expect("\(WireError.otherKind(1, expected: .gossip))"
            == "message kind 1 received, kind 3 (gossip) expected")
        #expect("\(WireError.invalid(.tableName, offset: 91))"
            == "invalid table name at byte 91")
        #expect("\(WireError.tooMany(.calls, count: 2000, limit: 1024, offset: 91))"
            == "calls: 2000 at byte 91, at most 1024 are allowed")
        #expect("\(WireError.cutShort(.value, offset: 91))" == "message ends within the value at byte 91")
    }
}
