import Base
import Foundation
import Testing

@testable import HedgehogNode
@testable import Storage

@Suite struct StartTests {
    @Test("A second start may omit the settings of the first one, partitions included")
    func omitted() throws {
        let directory = TestDirectory()
        try TestNode(in: directory, [.partitions: "64", .hintWindow: "1h", .gcGrace: "5h"]).stop()
        let node = try TestNode(in: directory)
        #expect(node.client().get("/api/v1/cluster/status")?.json["ring_size"] as? Int == 64)
    }

    @Test("A setting that contradicts the cluster record is refused with both values", arguments: [
        (.partitions, "128", "--partitions is 128, but the cluster's bootstrap fixed it at 64"),
        (.hintWindow, "2h", "--hint-window is 7200000ms, but the cluster's bootstrap fixed it at 3600000ms"),
        (.gcGrace, "48h", "--gc-grace is 172800000ms, but the cluster's bootstrap fixed it at 86400000ms"),
    ] as [(Setting, String, String)])
    func contradiction(setting: Setting, value: String, sentence: String) throws {
        let directory = TestDirectory()
        let first: [Setting: String] = [.partitions: "64", .hintWindow: "1h", .gcGrace: "24h"]
        try TestNode(in: directory, first).stop()
        let refusal = TestNode.refusal(in: directory, [setting: value])
        #expect(refusal == sentence + "; remove the setting or give the same value")
        #expect(TestNode.refusal(in: directory, first) == nil)
    }

    @Test("The data directory of another node is refused with both names")
    func otherNode() throws {
        let directory = TestDirectory()
        try TestNode(in: directory, [.nodeID: "one"]).stop()
        let refusal = TestNode.refusal(in: directory, [.nodeID: "two"])
        #expect(refusal == "the data directory \(directory.path) belongs to node one, not to two")
    }

    @Test("A data directory in use is refused, and the node that uses it is not affected")
    func locked() throws {
        let node = try TestNode()
        let refusal = TestNode.refusal(in: node.directory)
        #expect(refusal == "the data directory \(node.directory.path) is in use by another process")
        #expect(node.client().get("/readyz")?.status == 200)
    }

    @Test("A data directory of a newer format is refused with both formats")
    func newerFormat() throws {
        let directory = TestDirectory()
        try TestNode(in: directory).stop()
        try overwriteFormat(in: directory, with: StoreIdentity.supportedFormat + 1)
        let refusal = TestNode.refusal(in: directory)
        #expect(refusal == "the data directory \(directory.path) has storage format 2, and this version reads only 1")
    }

    @Test("A data directory that is a file is refused")
    func file() throws {
        let directory = TestDirectory()
        try Data().write(to: URL(fileURLWithPath: directory.path))
        #expect(TestNode.refusal(in: directory) == "the data directory \(directory.path) is not a directory")
    }

    @Test("An address in use is reported, at the first start and at a later one")
    func addressInUse() throws {
        let node = try TestNode()
        let directory = TestDirectory()
        for _ in 1...2 {
            let refusal = try #require(TestNode.refusal(in: directory, [.bind: "127.0.0.1:\(node.port)"]))
            #expect(refusal.hasPrefix("cannot listen: 127.0.0.1:\(node.port) is in use"), "\(refusal)")
            #expect(refusal.contains("in use"), "\(refusal)")
        }
        #expect(TestNode.refusal(in: directory) == nil)
    }

    @Test("The advertised address is the bound one unless another is set")
    func advertised() throws {
        let plain = try TestNode()
        #expect(plain.client().get("/sd/prometheus")?.text.contains("[\"127.0.0.1:\(plain.port)\"]") == true)
        let told = try TestNode([.advertise: "10.0.0.7:9000"])
        #expect(told.client().get("/sd/prometheus")?.text.contains("[\"10.0.0.7:9000\"]") == true)
    }

    private func overwriteFormat(in directory: TestDirectory, with format: UInt32) throws {
        let engine = try Engine(directory: directory.path, blockCacheBytes: 1 << 20, openFiles: 64)
        defer { engine.close() }
        let database = try #require(engine.commitThreadDatabase)
        let batch = WriteBatch()
        batch.put(database.handle(.meta), key: MetaRow.format, value: MetaRow.number(format))
        try database.write(batch, synced: true)
    }
}
