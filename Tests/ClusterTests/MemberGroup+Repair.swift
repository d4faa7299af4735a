import Testing

@testable import Cluster

extension MemberGroup {
    /// A formed cluster with the table `t`.
    static func formed(_ count: Int = 3, _ change: (inout MemberSettings) -> Void = { _ in }) throws -> MemberGroup {
        let group = MemberGroup()
        group.addCluster(count, change)
        try group.startAll()
        group.run(milliseconds: 5_000)
        let made = Answer<Coordinator.TableAnswer>()
        group.member(0).createTable(tableName("t"), trace: .none) { made.set($0) }
        group.settle()
        try #require(made.value == .done)
        group.run(milliseconds: 1_000)
        return group
    }

    func member(_ index: Int) -> ClusterNode {
        guard let member = nodes[index].member else { preconditionFailure("\(nodes[index].settings.nodeID) is down") }
        return member
    }

    func table(_ index: Int = 0) -> TableState {
        guard let table = member(index).catalog.live(tableName("t")) else { preconditionFailure("there is no table") }
        return table
    }

    private func key(_ key: String, at index: Int) -> (ClusterNode, TableState, ItemKey) {
        (member(index), table(index), itemKey(key))
    }

    func write(
        _ value: String?, _ name: String = "k", at index: Int, _ consistency: Consistency = .strong
    ) -> Coordinator.WriteAnswer? {
        let (member, table, key) = key(name, at: index)
        var answer: Coordinator.WriteAnswer?
        if let value {
            member.put(
                Array(value.utf8), table: table, key: key, consistency: consistency, trace: .none) { answer = $0 }
        } else {
            member.delete(table: table, key: key, consistency: consistency, trace: .none) { answer = $0 }
        }
        member.endIteration()
        settle()
        return answer
    }

    func read(_ name: String = "k", at index: Int, _ consistency: Consistency = .strong) -> String {
        let (member, table, key) = key(name, at: index)
        var answer: Coordinator.ReadAnswer?
        let now = member.get(table: table, key: key, consistency: consistency, trace: .none) { answer = $0 }
        member.endIteration()
        settle()
        switch now ?? answer {
        case .found(let item): return String(decoding: item.value, as: UTF8.self)
        case .noItem: return "nothing"
        case .noTable: return "no table"
        case .unavailable: return "unavailable"
        case nil: return "nothing yet"
        }
    }

    /// What each disk holds of a key, in words.
    func holds(_ name: String = "k") -> [String] {
        nodes.map { node in
            let row = node.store.state.items.first { $0.key.key == itemKey(name) }
            guard let held = row?.value else { return "-" }
            return held.isTombstone ? "x" : String(decoding: held.value, as: UTF8.self)
        }
    }

    /// The process ends; what its disk was asked and has not done is lost.
    func stop(_ index: Int) {
        settle()
        nodes[index].isUp = false
        nodes[index].store.crash()
    }

    /// A new process, on the disk as it is, or on another state of it.
    func restart(_ index: Int, on state: MemoryReplica.State? = nil, at address: String? = nil) throws {
        if nodes[index].isUp { stop(index) }
        if let state { nodes[index].store.state = state }
        try start(nodes[index], at: address)
    }

    /// An empty disk in place of the old one. Long enough after the old process fell silent not to be its twin.
    func replaceDisk(_ index: Int, by store: UInt64 = 77) throws {
        stop(index)
        run(milliseconds: 6_000)
        var state = MemoryReplica.State()
        state.storeID = StoreID(high: 9, low: store)
        try restart(index, on: state)
    }

    /// Runs until it is so, at most so long; how long it took.
    func run(until isSo: () -> Bool, atMost milliseconds: UInt64) -> UInt64? {
        for elapsed in stride(from: 0, to: milliseconds, by: 100) as StrideTo<UInt64> {
            if isSo() { return elapsed }
            run(milliseconds: 100)
        }
        return isSo() ? milliseconds : nil
    }

    var recovering: [Bool] { nodes.map { $0.member?.isRecovering ?? false } }
}
