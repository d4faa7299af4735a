/// One thing that goes wrong for a while.
package struct Fault: Sendable {
    package enum Kind: String, CaseIterable, Sendable {
        case crash
        case crashOfAll = "crash of all"
        case move
        case freeze
        case cutOneWay = "cut one way"
        case cutBothWays = "cut both ways"
        case isolation
        case split
        case brokenDisk = "broken disk"
        case fullDisk = "full disk"
        case slowDisk = "slow disk"
        case lostDisk = "lost disk"
        case oldDisk = "old disk"
        case clockJump = "clock jump"
        case clockDrift = "clock drift"
        case badWeather = "bad weather"
    }
}

/// How often each kind of fault struck.
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
