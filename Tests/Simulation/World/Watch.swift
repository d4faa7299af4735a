internal import Cluster
internal import HistoryChecker

/// Sees every answer where it is given and every client's history, and says what is wrong with them.
final class Watch {
    /// What an operation was about.
    struct Subject {
        let table: TableState
        let key: ItemKey

        var name: String { "\(table.name)#\(table.generation)/\(String(decoding: key.bytes, as: UTF8.self))" }
    }

    /// One operation that a node has begun for a client.
    final class Pending {
        let subject: Subject
        let process: SimulatedProcess
        let begun: UInt64
        let consistency: Consistency
        /// Disks lost before it began.
        let lostBefore: Int
        /// What the process has been frozen for in its life before this began.
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
    /// Of every machine, whatever runs on it.
    var disks: () -> [SimulatedDisk] = { [] }
    private(set) var lostDisks = 0
    private(set) var failure: String?
    private(set) var healing = Healing()
    private(set) var firstRecord: ClusterRecord?
    private var pending: [Pending] = []
    private var histories: [KeyHistory] = []
    private var historyIndexes: [String: Int] = [:]
    /// The greatest version of each key that must still be somewhere at the end.
    private var acknowledged: [String: (subject: Subject, version: Version)] = [:]
    /// Names of deleted generations, with when that was acknowledged.
    private var deletions: [TableID: UInt64] = [:]

    init(_ world: World, _ scenario: Scenario) {
        self.world = world
        self.scenario = scenario
    }

    /// The first fault found is the one that counts.
    func fail(_ sentence: String) {
        guard failure == nil else { return }
        failure = sentence
        world.note("WRONG \(sentence)")
    }

    func formed(_ record: ClusterRecord, by node: NodeID) {
        world.note("\(node) knows cluster \(record.clusterID) to be formed")
        if let firstRecord, firstRecord != record { return fail("two records were formed: \(node) has another one") }
        firstRecord = record
    }
}

// Operations, where they are answered.
extension Watch {
    func began(_ subject: Subject, on process: SimulatedProcess, _ consistency: Consistency) -> Pending {
        let operation = Pending(subject, process, consistency, lostBefore: lostDisks, now: world.now)
        pending.append(operation)
        return operation
    }

    func answered(_ operation: Pending, _ answer: Coordinator.WriteAnswer) {
        settle(operation, "\(answer)")
        switch answer {
        case .done(let version):
            requireHeld(operation, version, "a write was acknowledged")
            checkDeletion(operation)
            remember(operation, version)
        case .noItem: checkDeletion(operation)
        case .noTable: break
        case .unavailable(let unavailable): checkTimeout(operation, unavailable)
        }
    }

    func answered(_ operation: Pending, _ answer: Coordinator.ReadAnswer) {
        settle(operation, "\(answer)")
        switch answer {
        case .found(let item):
            if operation.consistency == .strong { requireHeld(operation, item.version, "a strong read was answered") }
            checkDeletion(operation)
        case .noItem: checkDeletion(operation)
        case .noTable: break
        case .unavailable(let unavailable): checkTimeout(operation, unavailable)
        }
    }

    private func settle(_ operation: Pending, _ answer: String) {
        if operation.isAnswered {
            return fail("an operation on \(operation.subject.name) was answered twice: \(answer)")
        }
        operation.isAnswered = true
        pending.removeAll { $0 === operation }
        let limit = scenario.timing.operationMilliseconds * 1000
        // A tick, a turn, and a clock that may be slow by a tenth.
        let slack = limit / 5 + 100_000
        let took = waited(operation)
        if took > limit + slack {
            fail("an operation on \(operation.subject.name) was answered after \(took) us, not within \(limit) us")
        }
    }

    /// In a process that was not frozen.
    private func waited(_ operation: Pending) -> UInt64 {
        world.now - operation.begun - (operation.process.frozenMicroseconds - operation.frozenBefore)
    }

    private func checkTimeout(_ operation: Pending, _ unavailable: Unavailable) {
        guard case .timedOut = unavailable.reason else { return }
        let limit = scenario.timing.operationMilliseconds * 1000
        let took = world.now - operation.begun
        if took < limit - limit / 5 {
            fail("an operation on \(operation.subject.name) was given up after \(took) us, long before \(limit) us")
        }
    }

    /// A strong 200 survives the loss of any W - 1 disks, an eventual one any crash.
    private func requireHeld(_ operation: Pending, _ version: Version, _ what: String) {
        // Of the acknowledgements counted one may have been that of a disk that is lost since.
        let lost = lostDisks - operation.lostBefore
        let required = (operation.consistency == .strong ? scenario.writeQuorum : 1) - lost
        let holders = disks().count { $0.holds(version, of: operation.subject, partitions: scenario.partitions) }
        if holders < required {
            fail("\(what) for \(operation.subject.name) with \(holders) of \(required) disks holding its version")
        }
    }

    private func remember(_ operation: Pending, _ version: Version) {
        let name = operation.subject.name
        // What one disk alone may have held may be lost with it.
        if operation.consistency == .eventual, scenario.faults.losesDisk { return }
        if let known = acknowledged[name], known.version >= version { return }
        acknowledged[name] = (operation.subject, version)
    }

    func lostDisk() { lostDisks += 1 }

    /// Its target has it, or something newer, unless its disk was lost meanwhile.
    func delivered(_ hint: Hint, by node: NodeID) {
        let target = disks()[hint.target]
        healing.hintsDelivered += 1
        guard lostDisks == 0, let table = target.tables.values.first(where: { $0.id == hint.write.table })
        else { return }
        let subject = Subject(table: table, key: hint.write.key)
        if target.holds(hint.write.item.version, of: subject, partitions: scenario.partitions) { return }
        fail("\(node) takes a hint of \(subject.name) for delivered, and its target does not hold that version")
    }

    /// Strong operations that begin after a table's deletion was acknowledged do not find it.
    private func checkDeletion(_ operation: Pending) {
        guard operation.consistency == .strong, let deleted = deletions[operation.subject.table.id],
            deleted < operation.begun
        else { return }
        fail("a strong operation found \(operation.subject.name) though the table was deleted before")
    }

    func deleted(_ table: TableState) {
        if deletions[table.id] == nil { deletions[table.id] = world.now }
    }

    func died(_ process: SimulatedProcess) {
        pending.removeAll { $0.process === process }
    }
}

// What clients saw.
extension Watch {
    func saw(_ operation: HistoryOperation, of subject: Subject) {
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

    /// Once the replicas are equal, and before anything is written again: nothing that was deleted or overwritten has
    /// come back.
    func judgeDisks() {
        for (subject, version) in acknowledged.sorted(by: { $0.key < $1.key }).map(\.value) {
            for disk in disks() {
                guard let item = disk.item(subject.table.id, subject.key), item.version < version else { continue }
                let what = item.isTombstone ? "a tombstone" : "a value"
                fail("a disk holds \(what) of \(subject.name) that is older than what was acknowledged")
            }
        }
    }

    /// Once nothing happens any more.
    func judge() {
        if let stuck = pending.first { fail("an operation on \(stuck.subject.name) was never answered") }
        for (subject, version) in acknowledged.sorted(by: { $0.key < $1.key }).map(\.value) {
            if !disks().contains(where: { $0.holds(version, of: subject, partitions: scenario.partitions) }) {
                fail("an acknowledged write of \(subject.name) is lost: no disk holds its version or a newer one")
            }
        }
        for history in histories {
            if let violation = history.violation() { fail("\(violation)") }
        }
    }
}

extension SimulatedDisk {
    /// This version or a newer one, or the memory that it was purged; of a table whose deletion it knows, nothing needs
    /// to be held.
    func holds(_ version: Version, of subject: Watch.Subject, partitions: Int) -> Bool {
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

/// What one member lets be seen.
final class WatchedMember: ClusterObserver {
    private let id: NodeID
    private let watch: Watch

    init(_ id: NodeID, _ watch: Watch) {
        self.id = id
        self.watch = watch
    }

    func bootstrapped(_ record: ClusterRecord) { watch.formed(record, by: id) }
    func memberChanged(_ member: NodeID, to state: MemberState) { watch.noted("\(id) takes \(member) to be \(state)") }
    func noted(_ event: ClusterEvent) {
        watch.noted("\(id): \(event)")
        watch.count(event)
    }

    func tableChanged(_ state: TableState) { watch.noted("\(id) learns of \(state)") }
    func sent(_ write: SentWrite) {}
    func readRemotely(_ read: RemoteRead) {}
    func received(_ operation: ReceivedOperation) {}
}

extension Watch {
    func count(_ event: ClusterEvent) {
        switch event {
        case .compared(_, let comparison): healing.rowsRepaired += comparison.pulled + comparison.pushed
        case .purged(_, let tombstones): healing.tombstonesPurged += tombstones
        case .recovered: healing.disksRecovered += 1
        default: break
        }
    }

    func noted(_ line: @autoclosure () -> String) { world.note(line()) }
}
