/// The node that a client happens to ask coordinates the request. With one replica, which is all that a lone node
/// has, every quorum is that replica, so strong and eventual take the same steps: stamp, commit, answer.
///
/// Bound to the loop. Completions come there, once, never before the call that names them has returned.
package final class Coordinator {
    package enum WriteAnswer: Equatable, Sendable {
        case done(Version)
        case noItem
        case noTable
        case unavailable(Unavailable)
    }

    package enum TableAnswer: Equatable, Sendable {
        case done
        case unavailable(Unavailable)
    }

    package enum ReadAnswer: Equatable, Sendable {
        case found(StoredItem)
        case noItem
        case unavailable(Unavailable)
    }

    let store: any ReplicaStore
    private let clock: any Clock
    private let operationTimeoutMilliseconds: UInt64
    private let maximumClockSkewMilliseconds: UInt64
    private var hybridClock: HybridClock
    private var writeIDs = WriteIDs(random: SystemRandomNumberGenerator())
    private var running = RunningOperations()

    package init(
        store: any ReplicaStore, clock: any Clock, operationTimeoutMilliseconds: UInt64,
        maximumClockSkewMilliseconds: UInt64
    ) {
        self.store = store
        self.clock = clock
        self.operationTimeoutMilliseconds = operationTimeoutMilliseconds
        self.maximumClockSkewMilliseconds = maximumClockSkewMilliseconds
        hybridClock = HybridClock(maximumSkewMilliseconds: maximumClockSkewMilliseconds)
    }

    package func put(
        _ value: [UInt8], table: TableID, key: ItemKey, completion: @escaping (WriteAnswer) -> Void
    ) {
        start(WriteOperation(.put(value), table: table, key: key, coordinator: self, completion: completion))
    }

    package func delete(table: TableID, key: ItemKey, completion: @escaping (WriteAnswer) -> Void) {
        start(WriteOperation(.delete, table: table, key: key, coordinator: self, completion: completion))
    }

    /// Stores the creation or deletion of a table. `settled` tells what became of it, once, however long that takes;
    /// `completion` may come before, when the operation timeout has passed.
    package func change(
        _ state: TableState, settled: @escaping (WriteResult) -> Void,
        completion: @escaping (TableAnswer) -> Void
    ) {
        start(TableOperation(state, store: store, settled: settled, completion: completion))
    }

    /// The answer itself when memory holds it, and then `completion` is never called; nil when a worker must look.
    package func get(
        table: TableID, key: ItemKey, completion: @escaping (ReadAnswer) -> Void
    ) -> ReadAnswer? {
        switch store.peek(table, key) {
        case .found(let item): return item.isTombstone ? .noItem : .found(item)
        case .absent: return .noItem
        case .failed(let error): return .unavailable(ReadOperation.unavailable(error))
        case .needsDisk:
            start(ReadOperation(table: table, key: key, store: store, completion: completion))
            return nil
        }
    }

    /// To be called often compared to the operation timeout: answers what has taken longer than that.
    package func expireOverdue() {
        running.expire(nowMilliseconds: clock.monotonicMilliseconds, timeout: operationTimeoutMilliseconds)
    }

    package var operationsRunning: Int { running.count }

    /// Whether a version stamped now without a look-up would exceed whatever the store holds for any key.
    var canStampWithoutLookup: Bool {
        store.highestClock.milliseconds <= clock.wallMilliseconds + maximumClockSkewMilliseconds
    }

    /// A new version above every one stamped before, above `found`, and above the whole store if that does not
    /// lie in the future. [Stamping above a store that does would carry one bad clock into every key.]
    func stamp(above found: Version?) -> Version {
        let floor = canStampWithoutLookup ? store.highestClock : found?.clock
        return Version(
            clock: hybridClock.issue(above: floor, wallMilliseconds: clock.wallMilliseconds),
            writeID: writeIDs.next())
    }

    private func start(_ operation: any Operation) {
        running.add(operation, deadline: clock.monotonicMilliseconds + operationTimeoutMilliseconds)
        operation.start()
    }
}
