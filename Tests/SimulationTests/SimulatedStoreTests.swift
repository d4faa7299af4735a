import Cluster
import Testing

@testable import Simulation

@Suite struct SimulatedStoreTests {
    private let world = World(seed: 1, keepsTranscript: false)
    private let disk = SimulatedDisk(storeID: StoreID(high: 1, low: 2))
    private let process: SimulatedProcess
    private let store: SimulatedStore
    private let table: TableState
    private let key = ItemKey(stored: Array("k".utf8))

    init() throws {
        process = SimulatedProcess(world, node: 0)
        store = SimulatedStore(
            disk, process, world, SimulatedTimeSource(world, offsetMilliseconds: 0), partitions: 4)
        store.coldPercent = 0
        table = TableState(
            name: try TableName(validating: Array("t".utf8)), generation: 1, isDeleted: false,
            createdAtMilliseconds: 0)
        store.submit(table) { _ in }
        world.run(until: world.now + 100_000)
    }

    private func item(_ number: UInt64) -> StoredItem {
        StoredItem(
            version: Version(clock: HybridTimestamp(milliseconds: number), writeID: number), isTombstone: false,
            value: Array("v\(number)".utf8))
    }

    private func submit(_ number: UInt64, _ seen: @escaping (WriteResult) -> Void) {
        store.submit(ReplicaWrite(table: table.id, key: key, item: item(number)), completion: seen)
    }

    @Test("Nothing is readable or acknowledged before it is on the disk, and then it is both")
    func durable() {
        var results: [WriteResult] = []
        submit(1) { results.append($0) }
        #expect(store.peek(table.id, key) == .absent)
        world.run(until: world.now + 100_000)
        #expect(results == [.committed])
        #expect(store.peek(table.id, key) == .found(item(1)))
    }

    @Test("Of two versions in one batch the greater stays, whichever came first", arguments: [[1, 2], [2, 1]])
    func batch(order: [UInt64]) {
        var results: [WriteResult] = []
        for number in order { submit(number) { results.append($0) } }
        world.run(until: world.now + 100_000)
        #expect(disk.item(table.id, key) == item(2))
        let second: WriteResult = order == [1, 2] ? .committed : .superseded(by: item(2).version)
        #expect(results == [.committed, second])
    }

    @Test("A disk that breaks fails what it was syncing and refuses the rest, until the store is opened again")
    func broken() {
        var results: [WriteResult] = []
        disk.health = .broken
        submit(1) { results.append($0) }
        world.run(until: world.now + 100_000)
        submit(2) { results.append($0) }
        world.run(until: world.now + 100_000)
        #expect(results.count == 2)
        guard case .failed = results.first, case .refused(.inputOutput) = results.last else {
            Issue.record("\(results)")
            return
        }
        disk.health = .good
        store.reopen()
        submit(3) { results.append($0) }
        world.run(until: world.now + 100_000)
        #expect(results.last == .committed)
    }

    @Test("An item of a deleted table is refused")
    func deleted() {
        var results: [WriteResult] = []
        let gone = TableState(name: table.name, generation: 1, isDeleted: true, createdAtMilliseconds: 0)
        store.submit(gone) { _ in }
        submit(1) { results.append($0) }
        world.run(until: world.now + 100_000)
        #expect(results == [.tableDeleted])
        #expect(disk.item(table.id, key) == nil)
    }
}
