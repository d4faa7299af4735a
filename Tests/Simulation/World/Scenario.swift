/// The configuration of a run: the cluster, the clients, the network and the faults. The seed determines it before the
/// run begins.
package struct Scenario: Sendable {
    var members = 5
    var replicas = 3
    var readQuorum = 2
    var writeQuorum = 2
    var partitions = 16
    var timing = Timing()
    var clients = 4
    var keys = 3
    var tables = 2
    /// The length of the phase in which clients send requests while faults are injected.
    var workMilliseconds = 12_000
    /// The share of client requests that are strong; the others are eventual.
    var strongPercent = 65.0
    var workload = Workload()
    /// Whether tables are deleted and created again while clients write to them.
    var recreatesTables = false
    var networkConditions = SimulatedNetwork.Conditions()
    var faults = FaultPlan()
    /// Whether faults are injected during the cluster bootstrap already, and not only after it.
    var bootstrapsUnderFaults = false
    /// The largest error of a machine's wall clock at the start of the run.
    var clockErrorMilliseconds = 500
    /// Whether there is one node more than `--bootstrap-expect` says.
    var hasExtraNode = false
    /// The share of point reads that the store cannot answer from memory.
    var memoryMissPercent = 15.0
    /// The largest number of writes that wait for one disk.
    var queueLimit = 200
    /// The limit for the total size of the hints that one node stores, in bytes.
    var hintBudgetBytes: UInt64 = 1 << 20
    var antiEntropyIntervalMilliseconds: UInt64 = 1_000
    /// The minimum age of a tombstone before it is purged: a day, or so short that tombstones are purged during the
    /// run. A short gc-grace requires clocks that differ little.
    var gcGraceMilliseconds: UInt64 = 86_400_000

    struct Timing: Sendable {
        var operationMilliseconds: UInt64 = 1_500
        var replicaMilliseconds: UInt64 = 600
        var heartbeatMilliseconds: UInt64 = 200
        var failureMilliseconds: UInt64 = 1_000
    }

    /// The shares of puts and deletes among the requests of each client, in percent, and the pauses between requests.
    /// All other requests are gets.
    struct Workload: Sendable {
        var putPercent = 45.0
        var deletePercent = 10.0
        /// The pause between an answer and the client's next request.
        var thinkMicroseconds = 1_000...120_000
    }

    struct FaultPlan: Sendable {
        /// The time between the starts of two faults; nil for a run without faults.
        var intervalMilliseconds: ClosedRange<Int>? = 100...1_500
        var durationMilliseconds = 100...4_000
        var kinds = Fault.Kind.allCases
        /// Whether disks may be lost or rolled back.
        var losesDisks = false
        /// The largest jump of a wall clock, in either direction.
        var clockJumpMilliseconds = 600_000
        /// Whether the wall clocks are set to true time when all faults are undone.
        var resetsClocks = false
    }

    /// The quorum settings (N, R, W) from which a random one is chosen, for clusters of five and of three nodes.
    private static let quorumsOfFive = [
        (3, 2, 2), (3, 2, 2), (3, 2, 2), (3, 1, 3), (3, 3, 2), (3, 2, 3), (5, 3, 3), (5, 2, 4), (5, 1, 5), (5, 4, 3),
        (1, 1, 1), (2, 1, 2), (4, 2, 3),
    ]
    private static let quorumsOfThree = [(3, 2, 2), (3, 2, 2), (3, 1, 3), (3, 3, 2), (2, 1, 2), (1, 1, 1)]

    init() {}

    package init(seed: UInt64) {
        // The scenario is drawn from a generator other than the run's own, which is seeded with `seed`: the same seed
        // would make the first draws of both equal.
        var random = SeededRandom(seed: seed ^ 0x5CEA_A210)
        chooseCluster(&random)
        chooseWork(&random)
        chooseFaults(&random)
        if random.chance(12) {
            testBootstrap(&random)
        } else if random.chance(8) {
            contendForOneKey(&random)
        } else {
            choosePurges(&random)
        }
    }

    /// A run that consists of little more than the bootstrap, with heartbeats that are late, out of order and lost.
    private mutating func testBootstrap(_ random: inout SeededRandom) {
        bootstrapsUnderFaults = random.chance(80)
        hasExtraNode = random.chance(20)
        // The quorum settings N = 2, R = 1, W = 2 are valid for three nodes, and for the two that remain if the extra
        // node is not a member.
        if hasExtraNode { (replicas, readQuorum, writeQuorum) = (2, 1, 2) }
        networkConditions.delayMicroseconds = random.pick([50...20_000, 1_000...200_000, 1_000...400_000])
        networkConditions.stragglerPercent = random.pick([0, 5, 20])
        faults.intervalMilliseconds = random.pick([50...400, 50...1_500])
        faults.durationMilliseconds = random.pick([50...800, 100...2_000])
        clients = 1
        tables = 1
        workMilliseconds = 300
    }

    /// Changes the scenario to many clients that write one key, on nodes whose clocks agree.
    private mutating func contendForOneKey(_ random: inout SeededRandom) {
        keys = 1
        tables = 1
        clients = 8
        workMilliseconds = 2_000
        clockErrorMilliseconds = 0
        workload.thinkMicroseconds = 200...4_000
        networkConditions.delayMicroseconds = random.pick([50...500, 50...5_000])
    }

    private mutating func chooseCluster(_ random: inout SeededRandom) {
        members = random.chance(70) ? 5 : 3
        let quorums = random.pick(members == 5 ? Self.quorumsOfFive : Self.quorumsOfThree)
        (replicas, readQuorum, writeQuorum) = quorums
        partitions = random.pick([1, 8, 16, 64])
        if random.chance(15) {
            timing = Timing(
                operationMilliseconds: 5_000, replicaMilliseconds: 2_000, heartbeatMilliseconds: 1_000,
                failureMilliseconds: 5_000)
        }
        clockErrorMilliseconds = random.pick([0, 100, 500, 5_000, 300_000])
        memoryMissPercent = random.pick([0, 5, 15, 60])
        queueLimit = random.pick([200, 200, 200, 20, 3])
        hintBudgetBytes = random.pick([1 << 20, 1 << 20, 1_500])
        bootstrapsUnderFaults = random.chance(30)
    }

    /// In 40 % of the scenarios that it is called for, makes gc-grace so short that tombstones are purged while faults
    /// are injected, and that some nodes are down or frozen for longer than gc-grace.
    private mutating func choosePurges(_ random: inout SeededRandom) {
        guard random.chance(40) else { return }
        gcGraceMilliseconds = random.pick([1_000, 2_000, 4_000])
        let tolerance = Int(gcGraceMilliseconds) / 16
        clockErrorMilliseconds = random.pick([0, tolerance / 4, tolerance])
        faults.clockJumpMilliseconds = Int(gcGraceMilliseconds) / 2
        faults.resetsClocks = true
        // The store's write queue is not made very short, because purges and anti-entropy need room in it, too.
        queueLimit = max(queueLimit, 50)
        // With few partitions each has tombstones. A long anti-entropy interval lets replicas diverge for long.
        partitions = random.pick([1, 1, 4, 16])
        antiEntropyIntervalMilliseconds = random.pick([1_000, 5_000])
        // Clients write many keys, each seldom, so that tombstones reach the age of gc-grace.
        keys = random.within(4...10)
        workload = Workload(putPercent: 25, deletePercent: random.pick([20, 35]), thinkMicroseconds: 1_000...400_000)
        workMilliseconds = random.within(8_000...20_000)
        if random.chance(50) {
            // Requests are so rare that the next read or write of a key does not repair a replica that missed a write.
            (tables, keys) = (1, 10)
            workload.thinkMicroseconds = 300_000...3_000_000
        }
        if faults.intervalMilliseconds != nil { faults.intervalMilliseconds = random.pick([300...3_000, 500...6_000]) }
        // A disk that is rolled back may bring back items whose tombstones were purged everywhere else.
        guard writeQuorum > 1, random.chance(50) else { return }
        faults.losesDisks = true
        faults.kinds += Array(repeating: .diskRollback, count: faults.kinds.count / 2 + 1)
    }

    private mutating func chooseWork(_ random: inout SeededRandom) {
        clients = random.within(2...6)
        keys = random.within(1...4)
        tables = random.within(1...2)
        workMilliseconds = random.within(5_000...15_000)
        strongPercent = random.pick([100, 100, 80, 60, 30])
        workload.putPercent = random.pick([20, 40, 50, 60])
        workload.deletePercent = random.pick([0, 5, 10, 25])
        workload.thinkMicroseconds = random.pick([500...20_000, 1_000...120_000, 1_000...400_000])
        recreatesTables = random.chance(25)
    }

    private mutating func chooseFaults(_ random: inout SeededRandom) {
        networkConditions.delayMicroseconds = random.pick([50...500, 50...2_000, 50...20_000, 1_000...120_000])
        networkConditions.stragglerPercent = random.pick([0, 0.5, 2, 10])
        networkConditions.breakPercent = random.pick([0, 0, 1, 5])
        networkConditions.repeatPercent = random.pick([0, 1, 5])
        if random.chance(8) { faults.intervalMilliseconds = nil }
        faults.durationMilliseconds = random.pick([50...800, 100...4_000, 500...9_000])
        if faults.intervalMilliseconds != nil {
            faults.intervalMilliseconds = random.pick([50...400, 100...1_500, 500...5_000])
        }
        faults.losesDisks = random.chance(25) && writeQuorum > 1
        // Some runs have only a few kinds of faults, so that these coincide more often.
        if random.chance(40) {
            faults.kinds = Fault.Kind.allCases.filter { _ in random.chance(35) }
            if faults.kinds.isEmpty { faults.kinds = [.crash] }
        }
    }
}
