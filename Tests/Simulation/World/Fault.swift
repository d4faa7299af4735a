/// A temporary failure that the nemesis injects into a run.
package struct Fault: Sendable {
    /// The raw value is the name of a fault kind in the summary line of `simulate`. The order of the cases is fixed: a
    /// seed selects kinds by their position.
    package enum Kind: String, CaseIterable, Sendable {
        case crash
        case crashSeveral = "crash of several nodes"
        case addressChange = "address change"
        case freeze
        case cutOneWay = "one-way network cut"
        case cutBothWays = "two-way network cut"
        case isolation = "isolation of a node"
        case partition = "network partition"
        case brokenDisk = "disk failure"
        case fullDisk = "full disk"
        case slowDisk = "slow disk"
        case lostDisk = "disk loss"
        case diskRollback = "disk rollback"
        case clockJump = "clock jump"
        case clockDrift = "clock drift"
        case degradedNetwork = "degraded network"
    }
}

/// The number of injected faults of each kind.
package struct FaultCounts: Sendable {
    private var counts = Array(repeating: 0, count: Fault.Kind.allCases.count)

    package init() {}

    package subscript(_ kind: Fault.Kind) -> Int {
        get { counts[Self.index(kind)] }
        set { counts[Self.index(kind)] = newValue }
    }

    package mutating func add(_ other: FaultCounts) {
        for index in counts.indices { counts[index] += other.counts[index] }
    }

    package var total: Int { counts.reduce(0, +) }

    private static func index(_ kind: Fault.Kind) -> Int {
        Fault.Kind.allCases.firstIndex(of: kind) ?? 0
    }
}
