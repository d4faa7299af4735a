import Base
import Cluster
import Foundation

@testable import Storage

/// A store in a directory of its own, with a loop that turns only when told to.
final class StoreFixture {
    let directory: String
    private let woken = Mailbox<Bool>(capacity: .max)
    private(set) var store: Store
    private(set) var reports: [CommitReport] = []
    private var unanswered = 0
    let options: StoreOptions

    init(
        in directory: String = NSTemporaryDirectory() + "store-" + UUID().uuidString, options: StoreOptions? = nil
    ) throws {
        self.directory = directory
        self.options = options ?? Self.smallOptions
        let woken = woken
        store = try Store(directory: directory, nodeID: "node-1", options: self.options) {
            _ = woken.post(true, weight: 1)
        }
        observe()
    }

    deinit {
        store.close()
        try? FileManager.default.removeItem(atPath: directory)
    }

    static var smallOptions: StoreOptions {
        var options = StoreOptions()
        options.partitions = 16
        options.blockCacheBytes = 1 << 20
        options.maximumQueueBytes = 4 << 20
        options.diskReserveBytes = 0
        return options
    }

    private func observe() {
        store.commitObserver = { [unowned self] in reports.append($0) }
    }

    /// Closes the store, lets `body` do to the database what a crash or rot would have done, and opens it again.
    func reopen(_ body: (Database) throws -> Void = { _ in }) throws {
        store.close()
        try withDatabase(directory, body)
        let woken = woken
        store = try Store(directory: directory, nodeID: "node-1", options: options) {
            _ = woken.post(true, weight: 1)
        }
        observe()
    }

    /// Turns the loop until everything submitted through the fixture is answered.
    func settle() {
        while unanswered > 0 { turn() }
    }

    /// Waits for one wake-up and answers it.
    func turn() {
        var batch: [Bool] = []
        _ = woken.takeAll(into: &batch)
        store.deliverCompletions()
    }

    /// Submits all of them before the first is answered; the results in the order of submission.
    func submit(_ writes: [ReplicaWrite]) -> [WriteResult] {
        var results = [WriteResult?](repeating: nil, count: writes.count)
        unanswered += writes.count
        for (index, write) in writes.enumerated() {
            store.submit(write) { [unowned self] result in
                precondition(results[index] == nil, "answered twice")
                results[index] = result
                unanswered -= 1
            }
        }
        settle()
        return results.compactMap { $0 }
    }

    func submit(_ write: ReplicaWrite) -> WriteResult { submit([write])[0] }

    @discardableResult
    func submit(_ state: TableState) -> WriteResult {
        var answer: WriteResult?
        store.submit(state) { answer = $0 }
        while true {
            if let answer { return answer }
            turn()
        }
    }

    func submit(clusterRecord: [UInt8]) -> WriteResult {
        var answer: WriteResult?
        store.submit(clusterRecord: clusterRecord) { answer = $0 }
        while true {
            if let answer { return answer }
            turn()
        }
    }

    func read(_ table: TableID, _ key: String) throws -> StoredItem? {
        try store.reader.read(table, itemKey(key))
    }
}

func itemKey(_ text: String) -> ItemKey { ItemKey(stored: Array(text.utf8)) }

func version(_ clock: UInt64, _ writeID: UInt64 = 1) -> Version {
    Version(clock: HybridTimestamp(rawValue: clock), writeID: writeID)
}

func put(_ table: TableID, _ key: String, _ clock: UInt64, _ value: String = "{}") -> ReplicaWrite {
    ReplicaWrite(
        table: table, key: itemKey(key),
        item: StoredItem(version: version(clock), isTombstone: false, value: Array(value.utf8)))
}

func delete(_ table: TableID, _ key: String, _ clock: UInt64) -> ReplicaWrite {
    ReplicaWrite(
        table: table, key: itemKey(key), item: StoredItem(version: version(clock), isTombstone: true, value: []))
}

func table(_ name: String, generation: UInt64 = 1, isDeleted: Bool = false) throws -> TableState {
    TableState(
        name: try TableName(validating: Array(name.utf8)), generation: generation, isDeleted: isDeleted,
        createdAtMilliseconds: 1_800_000_000_000)
}
