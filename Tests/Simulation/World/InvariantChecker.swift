internal import Cluster
internal import HistoryChecker

/// Checks the invariants of a run. It receives every answer at the node that gives it, and the history of every client.
/// The first violation fails the run.
final class InvariantChecker {
    /// The item that an operation reads or writes: a key in one generation of a table.
    struct Subject {
        let table: TableState
        let key: ItemKey

        var name: String { "\(table.name)#\(table.generation)/\(String(decoding: key.bytes, as: UTF8.self))" }
    }

    /// An operation that a node coordinates for a client.
    final class PendingOperation {
        let subject: Subject
        let process: SimulatedProcess
        let begun: UInt64
        let consistency: Consistency
        /// The number of disks lost before the operation began.
        let lostBefore: Int
        /// How long the process had been frozen in all before the operation began, in microseconds.
        let frozenBefore: UInt64
        var isAnswered = false

        init(
            _ subject: Subject, _ process: SimulatedProcess, _ consistency: Consistency, lostBefore: Int, now: UInt64
        ) {
            self.subject = subject
            self.process = process
            self.consistency = consistency
            self.lostBefore = lostBefore
            begun = now
            frozenBefore = process.frozenMicroseconds
        }
    }

    private let world: World
    private let scenario: Scenario
    /// Returns the disks of all machines, by member index.
    var disks: () -> [SimulatedDisk] = { [] }
    private(set) var lostDisks = 0
    private(set) var failure: String?
    private(set) var repairs = RepairCounts()
    private(set) var firstRecord: ClusterRecord?
    private var pending: [PendingOperation] = []
    private var histories: [KeyHistory] = []
    private var historyIndexes: [String: Int] = [:]
    /// The highest acknowledged version of each item, by the item's name. At least one disk must hold it, or a newer
    /// one, at the end of the run.
    private var acknowledged: [String: (subject: Subject, version: Version)] = [:]
    /// The time at which the deletion of each deleted table was acknowledged.
    private var deletions: [TableID: UInt64] = [:]

    init(_ world: World, _ scenario: Scenario) {
        self.world = world
        self.scenario = scenario
    }

    /// Fails the simulation run with this sentence as the reason. Only the first violation is kept.
    func fail(_ sentence: String) {
        guard failure == nil else { return }
        failure = sentence
        world.note("FAIL  \(sentence)")
    }

    func formed(_ record: ClusterRecord, by node: NodeID) {
        world.note("\(node) is a member of cluster \(record.clusterID)")
        if let firstRecord, firstRecord != record { return fail("two clusters formed: \(node) has a different record") }
        firstRecord = record
    }
}

// The part of the invariant checker that registers client operations and checks each one when its node answers it.
extension InvariantChecker {
    /// Registers an operation that a node starts now. `complete` must be called with the result exactly once, unless
    /// the process dies.
    func begin(_ subject: Subject, on process: SimulatedProcess, _ consistency: Consistency) -> PendingOperation {
        let operation = PendingOperation(subject, process, consistency, lostBefore: lostDisks, now: world.now)
        pending.append(operation)
        return operation
    }

    func complete(_ operation: PendingOperation, _ answer: Coordinator.WriteAnswer) {
        finish(operation, answer.transcriptText)
        switch answer {
        case .done(let version):
            requireHolders(of: version, operation, "a write was acknowledged")
            checkDeletion(operation)
            recordAcknowledged(version, operation)
        case .noItem: checkDeletion(operation)
        case .noTable: break
        case .unavailable(let unavailable): checkTimeout(operation, unavailable)
        }
    }

    func complete(_ operation: PendingOperation, _ answer: Coordinator.ReadAnswer) {
        finish(operation, answer.transcriptText)
        switch answer {
        case .found(let item):
            if operation.consistency == .strong {
                requireHolders(of: item.version, operation, "a strong read was answered")
            }
            checkDeletion(operation)
        case .noItem: checkDeletion(operation)
        case .noTable: break
        case .unavailable(let unavailable): checkTimeout(operation, unavailable)
        }
    }

    private func finish(_ operation: PendingOperation, _ answer: @autoclosure () -> String) {
        if operation.isAnswered {
            return fail("an operation on \(operation.subject.name) was answered twice: \(answer())")
        }
        operation.isAnswered = true
        pending.removeAll { $0 === operation }
        let limit = scenario.timing.operationMilliseconds * 1000
        // An answer may exceed the operation timeout by a tick, by a loop iteration, and by a tenth for a clock that
        // runs slow.
        let slack = limit / 5 + 100_000
        let took = unfrozenMicroseconds(of: operation)
        if took > limit + slack {
            fail("an operation on \(operation.subject.name) was answered after \(took) us, the timeout is \(limit) us")
        }
    }

    /// The time since the operation began, without the time for which its process was frozen.
    private func unfrozenMicroseconds(of operation: PendingOperation) -> UInt64 {
        world.now - operation.begun - (operation.process.frozenMicroseconds - operation.frozenBefore)
    }

    private func checkTimeout(_ operation: PendingOperation, _ unavailable: Unavailable) {
        guard case .timedOut = unavailable.reason else { return }
        let limit = scenario.timing.operationMilliseconds * 1000
        let took = world.now - operation.begun
        if took < limit - limit / 5 {
            fail("an operation on \(operation.subject.name) timed out after \(took) us, the timeout is \(limit) us")
        }
    }

    /// Checks how many disks hold an answered version: W for a strong operation, so that the loss of W - 1 disks does
    /// not lose it, and one for an eventual write, so that no crash loses it.
    private func requireHolders(of version: Version, _ operation: PendingOperation, _ event: String) {
        // A replica whose acknowledgement was counted may have lost its disk since.
        let lost = lostDisks - operation.lostBefore
        let required = (operation.consistency == .strong ? scenario.writeQuorum : 1) - lost
        let holders = disks().count { $0.holds(version, of: operation.subject, partitions: scenario.partitions) }
        if holders < required {
            fail("\(event) for \(operation.subject.name), but only \(holders) of \(required) disks hold its version")
        }
    }

    private func recordAcknowledged(_ version: Version, _ operation: PendingOperation) {
        let name = operation.subject.name
        // An acknowledged eventual write may be on one disk only. If disks may be lost, the write may be lost too, so
        // it is not checked.
        if operation.consistency == .eventual, scenario.faults.losesDisks { return }
        if let known = acknowledged[name], known.version >= version { return }
        acknowledged[name] = (operation.subject, version)
    }

    func diskLost() { lostDisks += 1 }

    /// Checks that the target of a delivered hint holds the hint's version or a newer one. Runs in which a disk was
    /// lost are not checked.
    func delivered(_ hint: Hint, by node: NodeID) {
        let target = disks()[hint.target]
        repairs.hintsDelivered += 1
        guard lostDisks == 0, let table = target.tables.values.first(where: { $0.id == hint.write.table })
        else { return }
        let subject = Subject(table: table, key: hint.write.key)
        if target.holds(hint.write.item.version, of: subject, partitions: scenario.partitions) { return }
        fail("\(node) settled a hint of \(subject.name) as delivered, but the target does not hold its version")
    }

    /// Checks that a strong operation that began after the acknowledged deletion of its table did not find the table.
    private func checkDeletion(_ operation: PendingOperation) {
        guard operation.consistency == .strong, let deleted = deletions[operation.subject.table.id],
            deleted < operation.begun
        else { return }
        fail("a strong operation found \(operation.subject.name), but its table was deleted before it began")
    }

    /// Records that a client received the acknowledgement of a table's deletion.
    func tableDeleted(_ table: TableState) {
        if deletions[table.id] == nil { deletions[table.id] = world.now }
    }

    func processDied(_ process: SimulatedProcess) {
        pending.removeAll { $0.process === process }
    }
}

// The part of the invariant checker that collects the clients' histories and makes the checks at the end of a run.
extension InvariantChecker {
    func record(_ operation: HistoryOperation, of subject: Subject) {
        let name = subject.name
        world.transcript.mix(operation.called)
        if let index = historyIndexes[name] {
            histories[index].append(operation)
        } else {
            historyIndexes[name] = histories.count
            histories.append(KeyHistory(key: name, operations: [operation]))
        }
    }

    var operationCount: Int { histories.reduce(0) { $0 + $1.operations.count } }
    var strongCount: Int { histories.reduce(0) { $0 + $1.strongCount } }

    /// Checks that no disk holds an item older than an acknowledged write of it: no deleted or overwritten value has
    /// come back. Called when the replicas have converged and before anything else is written.
    func checkDisks() {
        for (subject, version) in acknowledged.sorted(by: { $0.key < $1.key }).map(\.value) {
            for disk in disks() {
                guard let item = disk.item(subject.table.id, subject.key), item.version < version else { continue }
                let kind = item.isTombstone ? "a tombstone" : "a value"
                fail("a disk holds \(kind) of \(subject.name) that is older than an acknowledged write")
            }
        }
    }

    /// Checks, when no operation is under way any more, that every operation was answered, that no acknowledged write
    /// was lost, and the history of every key.
    func checkEndOfRun() {
        if let stuck = pending.first { fail("an operation on \(stuck.subject.name) was never answered") }
        for (subject, version) in acknowledged.sorted(by: { $0.key < $1.key }).map(\.value) {
            if !disks().contains(where: { $0.holds(version, of: subject, partitions: scenario.partitions) }) {
                fail("an acknowledged write of \(subject.name) was lost: no disk holds its version or a newer one")
            }
        }
        for history in histories {
            if let violation = history.violation() { fail("\(violation)") }
        }
    }
}

extension SimulatedDisk {
    /// Whether the disk holds this version of an item or a newer one. A purge mark at or above the version counts as a
    /// newer tombstone. The answer is also true when the disk knows that the table was deleted.
    func holds(_ version: Version, of subject: InvariantChecker.Subject, partitions: Int) -> Bool {
        if let held = item(subject.table.id, subject.key) {
            if held.version >= version { return true }
        } else if mark(of: KeyPlace(key: subject.key, partitions: partitions).partition).purged >= version.clock {
            return true
        }
        guard let known = tables[subject.table.name] else { return false }
        return known.generation > subject.table.generation
            || known.generation == subject.table.generation && known.isDeleted
    }
}

/// Passes the events of one member to the invariant checker and the transcript.
final class CheckingObserver: ClusterObserver {
    private let id: NodeID
    private let checker: InvariantChecker

    init(_ id: NodeID, _ checker: InvariantChecker) {
        self.id = id
        self.checker = checker
    }

    func bootstrapped(_ record: ClusterRecord) { checker.formed(record, by: id) }
    func memberChanged(_ member: NodeID, to state: MemberState) { checker.note("\(id) sees \(member) as \(state)") }
    func noted(_ event: ClusterEvent) {
        checker.note("\(id): \(event)")
        checker.count(event)
    }

    func tableChanged(_ state: TableState) { checker.note("\(id) applies \(state.transcriptText)") }
    func sent(_ write: SentWrite) {}
    func readRemotely(_ read: RemoteRead) {}
    func received(_ operation: ReceivedOperation) {}
}

extension InvariantChecker {
    func count(_ event: ClusterEvent) {
        switch event {
        case .compared(_, let comparison): repairs.rowsRepaired += comparison.pulled + comparison.pushed
        case .purged(_, let tombstones): repairs.tombstonesPurged += tombstones
        case .recovered: repairs.disksRecovered += 1
        default: break
        }
    }

    func note(_ line: @autoclosure () -> String) { world.note(line()) }
}
