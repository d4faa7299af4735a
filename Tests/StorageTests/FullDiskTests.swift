import Cluster
import Foundation
import Testing

@testable import Storage

/// A small file system in memory, to be filled for real.
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

    /// Leaves so much free and no more.
    func fill(leaving bytes: Int) throws {
        let space = try #require(DataDirectory.space(path))
        let file = open(ballast, O_CREAT | O_WRONLY, 0o600)
        #expect(posix_fallocate(file, 0, Int(space.freeBytes) - bytes) == 0)
        close(file)
    }

    func makeRoom() { unlink(ballast) }
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

    /// 64 KiB that no compression makes smaller.
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
        while fixture.store.state != .writable { fixture.turn() }
    }

    @Test("Below the reserve nothing is written, reads go on, and writes are taken again once there is room")
    func reserve() throws {
        let fixture = try fixture(reserveBytes: nil)
        #expect(fixture.submit(put(users.id, "before", 1)) == .committed)
        try disk.fill(leaving: 1 << 20)
        // The store looks at the disk ten times a second, and once a second without being asked.
        while fixture.store.state == .writable { fixture.turn() }
        #expect(fixture.store.state == .refusing(.diskFull))
        #expect(fixture.submit(put(users.id, "during", 1)) == .refused(.diskFull))
        #expect(try fixture.read(users.id, "during") == nil)
        #expect(try fixture.read(users.id, "before") != nil)
        disk.makeRoom()
        awaitWritable(fixture)
        #expect(fixture.submit(put(users.id, "after", 1)) == .committed)
        #expect(fixture.store.gauges.reopens == 0)
    }

    @Test(
        "A disk that fills in mid-write or mid-flush loses nothing, and the store mends itself",
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

        disk.makeRoom()
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
