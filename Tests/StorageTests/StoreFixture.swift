import Base
import Cluster
import Foundation

@testable import Storage

/// A store in a directory of its own. The test takes the place of the event loop: outcomes are processed only when it
/// calls `iterate` or a method that does.
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

    /// Closes the store, lets `body` change the database as a crash or damage would, and opens the store again.
    func reopen(_ body: (Database) throws -> Void = { _ in }) throws {
        store.close()
        try withDatabase(directory, body)
        let woken = woken
        store = try Store(directory: directory, nodeID: "node-1", options: options) {
            _ = woken.post(true, weight: 1)
        }
        observe()
    }

    /// Runs loop iterations until everything submitted through the fixture is answered.
    func settle() {
        while unanswered > 0 { iterate() }
    }

    /// Runs one loop iteration: waits for a wake-up and processes the outcomes.
    func iterate() {
        var batch: [Bool] = []
        _ = woken.takeAll(into: &batch)
        store.deliverCompletions()
    }

    /// Submits all writes before the first is answered. Returns the results in the order of submission.
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
    func submit(_ state: TableState) -> WriteResult { answer { $0.submit(state, completion: $1) } }

    @discardableResult
    func submit(_ row: ClusterRow, _ bytes: [UInt8]) -> WriteResult {
        answer { $0.submit(row, bytes, completion: $1) }
    }

    /// Submits one command and runs loop iterations until it is answered.
    func answer(_ submit: (Store, @escaping (WriteResult) -> Void) -> Void) -> WriteResult {
        var answer: WriteResult?
        submit(store) { answer = $0 }
        while true {
            if let answer { return answer }
            iterate()
        }
    }

    /// Submits several commands to the store before the first is answered. Returns their results in the order of
    /// submission.
    func answers(_ submits: [(Store, @escaping (WriteResult) -> Void) -> Void]) -> [WriteResult] {
        var answers: [WriteResult] = []
        for submit in submits { submit(store) { answers.append($0) } }
        while answers.count < submits.count { iterate() }
        return answers
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

extension StoreFixture {
    func submit(_ purge: Purge) -> WriteResult { answer { $0.submit(purge, completion: $1) } }

    func promise(_ clock: UInt64, partition: PartitionID) -> WriteResult {
        answer { $0.submit(promise: HybridTimestamp(rawValue: clock), partition: partition, completion: $1) }
    }

    func submit(_ hint: Hint) -> WriteResult { answer { $0.submit(hint, completion: $1) } }

    @discardableResult
    func settle(_ hints: [HintSettlement]) -> WriteResult { answer { $0.settle(hints, completion: $1) } }

    func hints(of target: MemberIndex) throws -> [Hint] {
        try store.reader.hints(of: target, after: nil, limit: .max, maximumBytes: .max)
    }
}

func hint(_ target: MemberIndex, _ write: ReplicaWrite, requestID: String = "r-1") -> Hint {
    Hint(
        target: target, write: write,
        trace: RequestTrace(requestID: Array(requestID.utf8), traceHigh: 1, traceLow: 2, spanID: 3, traceFlags: 1),
        storedAt: HintTime(wallMilliseconds: 1_800_000_000_000, uptimeMilliseconds: 77))
}

func settlement(_ hint: Hint, _ fate: HintSettlement.Fate = .delivered) -> HintSettlement {
    HintSettlement(target: hint.target, place: hint.place, version: hint.write.item.version, fate: fate)
}

/// Returns keys that all belong to one leaf of one partition.
func keysOfOneLeaf(_ count: Int, partitions: Int) -> [String] {
    let place = KeyPlace(key: itemKey("k0"), partitions: partitions)
    let keys = (0...).lazy.map { number in "k\(number)" }
    return Array(keys.filter { KeyPlace(key: itemKey($0), partitions: partitions) == place }.prefix(count))
}

func table(_ name: String, generation: UInt64 = 1, isDeleted: Bool = false) throws -> TableState {
    TableState(
        name: try TableName(validating: Array(name.utf8)), generation: generation, isDeleted: isDeleted,
        createdAtMilliseconds: 1_800_000_000_000)
}
