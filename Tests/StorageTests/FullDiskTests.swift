import Cluster
import Foundation
import Testing

@testable import Storage

/// A small file system in memory that a test can really fill.
private final class SmallDisk {
    let path = NSTemporaryDirectory() + "disk-" + UUID().uuidString
    private var ballast: String { path + "/ballast" }

    init(mebibytes: Int) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        guard mount("tmpfs", path, "tmpfs", 0, "size=\(mebibytes)m") == 0 else { throw POSIXError(.EPERM) }
    }

    deinit {
        umount(path)
        rmdir(path)
    }

    static let isPermitted: Bool = (try? SmallDisk(mebibytes: 1)) != nil

    /// Fills the disk up to `bytes` of free space.
    func fill(leaving bytes: Int) throws {
        let space = try #require(DataDirectory.space(path))
        let file = open(ballast, O_CREAT | O_WRONLY, 0o600)
        #expect(posix_fallocate(file, 0, Int(space.freeBytes) - bytes) == 0)
        close(file)
    }

    func freeSpace() { unlink(ballast) }
}

@Suite(
    .serialized, .enabled(if: SmallDisk.isPermitted, "mounting a small file system needs root and is not permitted"))
struct FullDiskTests {
    private let disk: SmallDisk
    private let users: TableState

    init() throws {
        disk = try SmallDisk(mebibytes: 160)
        users = try table("users")
    }

    private func fixture(reserveBytes: UInt64?) throws -> StoreFixture {
        var options = StoreFixture.smallOptions
        options.diskReserveBytes = reserveBytes
        let fixture = try StoreFixture(in: disk.path + "/node", options: options)
        fixture.submit(users)
        return fixture
    }

    /// 64 KiB of bytes that do not compress.
    private static let noise: [UInt8] = {
        var random = SeededRandom(seed: 1)
        return (0..<65_536).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    }()

    private func randomWrite(_ number: Int) -> ReplicaWrite {
        ReplicaWrite(
            table: users.id, key: itemKey("k\(number)"),
            item: StoredItem(
                version: version(UInt64(number) + 1), isTombstone: false, value: Array("\(number)".utf8) + Self.noise))
    }

    private func awaitWritable(_ fixture: StoreFixture) {
        while fixture.store.state != .writable { fixture.iterate() }
    }

    @Test("Below the reserve writes are refused and reads are served; writes are accepted again once there is space")
    func reserve() throws {
        let fixture = try fixture(reserveBytes: nil)
        #expect(fixture.submit(put(users.id, "before", 1)) == .committed)
        try disk.fill(leaving: 1 << 20)
        // The store checks the disk ten times a second while it writes, and once a second otherwise.
        while fixture.store.state == .writable { fixture.iterate() }
        #expect(fixture.store.state == .refusing(.diskFull))
        #expect(fixture.submit(put(users.id, "during", 1)) == .refused(.diskFull))
        #expect(try fixture.read(users.id, "during") == nil)
        #expect(try fixture.read(users.id, "before") != nil)
        disk.freeSpace()
        awaitWritable(fixture)
        #expect(fixture.submit(put(users.id, "after", 1)) == .committed)
        #expect(fixture.store.gauges.reopens == 0)
    }

    @Test("A full disk still accepts purges and settlements of hints, but no hints and no promises")
    func freeingSpace() throws {
        let fixture = try fixture(reserveBytes: nil)
        let (purged, sent) = (delete(users.id, "purged", 5), hint(1, put(users.id, "sent", 1)))
        #expect(fixture.submit(purged) == .committed)
        #expect(fixture.submit(sent) == .committed)
        try disk.fill(leaving: 1 << 20)
        while fixture.store.state == .writable { fixture.iterate() }
        let partition = KeyPlace(key: purged.key, partitions: 16).partition
        let rows = [Purge.Row(table: users.id, key: purged.key, version: purged.item.version)]
        #expect(fixture.promise(9, partition: partition) == .refused(.diskFull))
        #expect(fixture.submit(Purge(partition: partition, mark: version(5).clock, rows: rows)) == .committed)
        #expect(fixture.answers([
            { $0.submit(hint(1, put(self.users.id, "new", 1)), completion: $1) },
            { $0.settle([settlement(sent)], completion: $1) },
            { $0.submit(put(self.users.id, "new", 9), completion: $1) },
        ]) == [.refused(.diskFull), .committed, .refused(.diskFull)])
        #expect(fixture.store.summary(of: users.id).tombstones == 0)
        #expect(fixture.store.hintTotals[1]?.delivered == 1 && fixture.store.hintTotals[1]?.pending == 0)
        disk.freeSpace()
        awaitWritable(fixture)
        #expect(fixture.store.gauges.reopens == 0)
    }

    @Test("When the disk fills while hints are stored, the totals match the stored hints", arguments: [2, 20, 40])
    func failingHints(freeMebibytes: Int) throws {
        let fixture = try fixture(reserveBytes: 0)
        fixture.submit(.recovery, [1])
        #expect(fixture.promise(7, partition: 2) == .committed)
        try disk.fill(leaving: freeMebibytes << 20)
        var committed = 0
        var number = 0
        repeat {
            let before = fixture.store.hintTotals
            let results = fixture.answers((0..<4).map { offset in
                { [number] in $0.submit(hint(1, randomWrite(number + offset)), completion: $1) }
            })
            committed += results.count { $0 == .committed }
            #expect(Int(fixture.store.hintTotals[1]?.stored ?? 0) == committed)
            if !results.contains(.committed) { #expect(fixture.store.hintTotals == before) }
            number += 4
        } while fixture.store.state == .writable
        disk.freeSpace()
        awaitWritable(fixture)
        // When the store is opened again, it may contain the hint batches whose sync failed, each completely or not at
        // all.
        let totals = try #require(fixture.store.hintTotals[1])
        #expect(Int(totals.stored) >= committed && Int(totals.stored) <= committed + 4)
        try expectTotals(fixture, totals)
        #expect(fixture.store.clusterRows == [.recovery: [1]])
        #expect(fixture.store.mark(of: 2).promised == HybridTimestamp(rawValue: 7))
        try fixture.reopen()
        try expectTotals(fixture, totals)
    }

    private func expectTotals(_ fixture: StoreFixture, _ totals: HintTotals) throws {
        #expect(fixture.store.hintTotals[1] == totals)
        var hints: [Hint] = []
        while true {
            let page = try fixture.store.reader.hints(
                of: 1, after: hints.last?.place, limit: .max, maximumBytes: .max)
            if page.isEmpty { break }
            hints += page
        }
        #expect(hints.count == Int(totals.pending))
        #expect(hints.map(\.weightBytes).reduce(0, +) == Int(totals.pendingBytes))
    }

    @Test(
        "When the disk fills during a write or a flush, nothing committed is lost, and the store recovers",
        arguments: [2, 20, 26, 40])
    func recovery(freeMebibytes: Int) throws {
        let fixture = try fixture(reserveBytes: 0)
        try disk.fill(leaving: freeMebibytes << 20)
        var states: [StoreState] = []
        fixture.store.onStateChange = { states.append($0) }
        var committed: [Int] = []
        var number = 0
        var result = WriteResult.committed
        while result == .committed {
            result = fixture.submit(randomWrite(number))
            if result == .committed { committed.append(number) }
            number += 1
        }
        #expect(!committed.isEmpty)
        let refused = fixture.submit((number..<(number + 20)).map(randomWrite))
        #expect(refused.allSatisfy { if case .refused = $0 { true } else { false } })
        for known in committed { #expect(try fixture.read(users.id, "k\(known)") == randomWrite(known).item) }

        disk.freeSpace()
        awaitWritable(fixture)
        #expect(states.count >= 2 && states.last == .writable)
        #expect(fixture.submit(randomWrite(10_000)) == .committed)
        for known in committed { #expect(try fixture.read(users.id, "k\(known)") == randomWrite(known).item) }
        let live = fixture.store.summary(of: users.id).live
        #expect(live == committed.count + 1 || live == committed.count + 2)
        var request = PageRequest(table: users)
        request.keysOnly = true
        #expect(try fixture.store.reader.page(request).entries.count == live)
        try fixture.reopen()
        #expect(fixture.store.summary(of: users.id).live == live)
    }
}
