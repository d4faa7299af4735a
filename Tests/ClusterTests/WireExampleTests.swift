import Base
import Foundation
import Testing

@testable import Cluster

/// The examples of docs/wire-format.md, byte for byte. A change here is a change of the format's number.
@Suite struct WireExampleTests {
    private static let document = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../docs/wire-format.md").standardizedFileURL

    /// The bytes of the dump under `heading`: its indented lines each begin with an offset and two blanks, then have
    /// groups of hexadecimal digits up to the next two blanks.
    private static func dump(under heading: String) throws -> [UInt8] {
        let lines = try String(contentsOf: document, encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false)
        var bytes: [UInt8] = []
        for line in lines.drop(while: { $0 != "## \(heading)" }).dropFirst() {
            if line.hasPrefix("## ") { break }
            guard line.hasPrefix("    ") else { continue }
            let columns = line.dropFirst(4).split(separator: "  ", maxSplits: 1)
            #expect(Int(columns[0], radix: 16) == bytes.count, "the offset of \(line)")
            let digits = try #require(columns.dropFirst().first?.split(separator: "  ").first).filter { $0 != " " }
            for start in stride(from: 0, to: digits.count, by: 2) {
                bytes.append(try #require(UInt8(digits.dropFirst(start).prefix(2), radix: 16)))
            }
        }
        return bytes
    }

    private static func envelope(
        from sender: UInt64, to target: UInt64, replacements: [Envelope.Replacement] = []
    ) -> Envelope {
        Envelope(
            clusterID: StoreID(high: 0x1111_1111_1111_1111, low: 0x1111_1111_1111_1112),
            recordHash: 0x2222_2222_2222_2222, sender: "node-\(sender)", target: "node-\(target)",
            storeID: StoreID(high: 0x3333_3333_3333_3333, low: 0x3333_3333_3333_3330 + sender),
            bootNonce: 0x4444_4444_4444_4440 + sender, replacements: replacements)
    }

    @Test("The batch of calls that the document shows is this one")
    func calls() throws {
        let trace = RequestTrace(
            requestID: Array("req-1".utf8), traceHigh: 0x5555_5555_5555_5555, traceLow: 0x5555_5555_5555_5556,
            spanID: 0x6666_6666_6666_6666, traceFlags: 1)
        let version = Version(clock: HybridTimestamp(milliseconds: 1_800_000_000_000), writeID: 0x1122_3344_0000_0000)
        let item = StoredItem(version: version, isTombstone: false, value: Array(#"{"name":"Ada"}"#.utf8))
        let put = PeerCall(
            .put(WireSamples.users, WireSamples.key("user:1"), item), remainingMilliseconds: 2000, trace: trace)
        let ask = PeerCall(
            .version(WireSamples.users, WireSamples.key("user:1")), remainingMilliseconds: 500, trace: .none)
        let batch = CallBatch(Self.envelope(from: 1, to: 2), calls: [put, ask])
        #expect(batch.encoded == (try Self.dump(under: "Example: calls")))
    }

    @Test("The batch of answers that the document shows is this one")
    func answers() throws {
        let held = HeldVersion(
            version: Version(clock: HybridTimestamp(milliseconds: 1_800_000_000_000), writeID: 0x1122_3344_0000_0000),
            isTombstone: false, checksum: xxh3(Array(#"{"name":"Ada"}"#.utf8)))
        let batch = AnswerBatch(
            Self.envelope(from: 2, to: 1), answers: [.stored, .version(held, floor: HybridTimestamp(rawValue: 0))])
        #expect(batch.encoded == (try Self.dump(under: "Example: answers")))
    }

    private static let place = KeyPlace(partition: 7, leaf: 63)
    private static let mark = HybridTimestamp(milliseconds: 1_800_000_000_000)

    @Test("The calls between replicas that the document shows are these")
    func replicaCalls() throws {
        let behind = RowPlace(table: TableID(rawValue: 0x7777_7777_7777_7777), key: WireSamples.key("user:1"))
        let operations: [PeerCall.Operation] = [
            .compare(TreeDigest(roots: 0x8888_8888_8888_8888, catalog: 0x9999_9999_9999_9999)), .leaves([7]),
            .list(LeafRequest(Self.place, after: behind, limit: 512)), .promise(partition: 7, Self.mark),
        ]
        let replaced = Envelope.Replacement(
            member: 2, storeID: StoreID(high: 0x3333_3333_3333_3333, low: 0x3333_3333_3333_3334))
        let batch = CallBatch(
            Self.envelope(from: 1, to: 2, replacements: [replaced]),
            calls: operations.map { PeerCall($0, remainingMilliseconds: 2000, trace: .none) })
        #expect(batch.encoded == (try Self.dump(under: "Example: calls between replicas")))
    }

    @Test("The answers between replicas that the document shows are these")
    func replicaAnswers() throws {
        let version = Version(clock: Self.mark, writeID: 0x1122_3344_0000_0000)
        let row = LeafList.Row(
            place: RowPlace(table: TableID(rawValue: 0x7777_7777_7777_7777), key: WireSamples.key("user:1")),
            held: HeldVersion(StoredItem(tombstone: version)))
        let batch = AnswerBatch(
            Self.envelope(from: 2, to: 1),
            answers: [
                .roots(nil), .roots([0x8888_8888_8888_8888]), .rows(LeafList(rows: [row], hasMore: false)),
                .version(nil, floor: Self.mark),
            ])
        #expect(batch.encoded == (try Self.dump(under: "Example: answers between replicas")))
    }
}
