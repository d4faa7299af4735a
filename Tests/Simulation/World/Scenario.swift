/// Everything about a run that is decided before it begins.
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
    /// Of the time in which clients work and faults strike.
    var workMilliseconds = 12_000
    /// Of what clients ask.
    var strongPercent = 65.0
    var mix = Mix()
    /// Whether tables are deleted and made again while clients write to them.
    var tablesCome = false
    var weather = SimulatedNetwork.Weather()
    var faults = FaultPlan()
    /// Whether faults strike while the cluster forms, and not only afterwards.
    var formsUnderFaults = false
    /// Each machine's wall clock is wrong by up to so much from the start.
    var clockErrorMilliseconds = 500
    /// One node more than the cluster is to be formed of.
    var hasStranger = false
    var coldPercent = 15.0
    /// Writes that may wait for one disk.
    var queueLimit = 200
    /// Of all hints of one node.
    var hintBudgetBytes: UInt64 = 1 << 20
    /// Of anti-entropy.
    var comparisonMilliseconds: UInt64 = 1_000
    /// A day, or so short that deletes are forgotten during the run; then the clocks have to agree rather well.
    var gcGraceMilliseconds: UInt64 = 86_400_000

    var forgetsDeletes: Bool { gcGraceMilliseconds < 86_400_000 }

    struct Timing: Sendable {
        var operationMilliseconds: UInt64 = 1_500
        var replicaMilliseconds: UInt64 = 600
        var heartbeatMilliseconds: UInt64 = 200
        var failureMilliseconds: UInt64 = 1_000
    }

    struct Mix: Sendable {
        var putPercent = 45.0
        var deletePercent = 10.0
        /// Between an answer and the next question.
        var thinkMicroseconds = 1_000...120_000
    }

    struct FaultPlan: Sendable {
        /// Between the beginning of one fault and that of the next; nil for none at all.
        var gapMilliseconds: ClosedRange<Int>? = 100...1_500
        var lastsMilliseconds = 100...4_000
        var kinds = Fault.Kind.allCases
        var losesDisk = false
        var jumpMilliseconds = 600_000
        /// Whether the clocks are set when all is healed.
        var setsClocks = false
    }

    /// N, R and W that any cluster of five may be formed with, and of three.
    private static let quorumsOfFive = [
        (3, 2, 2), (3, 2, 2), (3, 2, 2), (3, 1, 3), (3, 3, 2), (3, 2, 3), (5, 3, 3), (5, 2, 4), (5, 1, 5), (5, 4, 3),
        (1, 1, 1), (2, 1, 2), (4, 2, 3),
    ]
    private static let quorumsOfThree = [(3, 2, 2), (3, 2, 2), (3, 1, 3), (3, 3, 2), (2, 1, 2), (1, 1, 1)]

    init() {}

    package init(seed: UInt64) {
        // Not the stream of the run itself, or its first draws would repeat these.
        var random = SeededRandom(seed: seed ^ 0x5CEA_A210)
        chooseCluster(&random)
        chooseWork(&random)
        chooseFaults(&random)
        if random.chance(12) {
            onlyForm(&random)
        } else if random.chance(8) {
            crowd(&random)
        } else {
            chooseGrace(&random)
        }
    }

    /// Little but the forming, with gossip that is late, out of order and cut.
    private mutating func onlyForm(_ random: inout SeededRandom) {
        formsUnderFaults = random.chance(80)
        hasStranger = random.chance(20)
        // Fits both three nodes and the two that may be left of them.
        if hasStranger { (replicas, readQuorum, writeQuorum) = (2, 1, 2) }
        weather.delayMicroseconds = random.pick([50...20_000, 1_000...200_000, 1_000...400_000])
        weather.stragglerPercent = random.pick([0, 5, 20])
        faults.gapMilliseconds = random.pick([50...400, 50...1_500])
        faults.lastsMilliseconds = random.pick([50...800, 100...2_000])
        clients = 1
        tables = 1
        workMilliseconds = 300
    }

    /// Many clients at one key, on nodes whose clocks agree.
    private mutating func crowd(_ random: inout SeededRandom) {
        keys = 1
        tables = 1
        clients = 8
        workMilliseconds = 2_000
        clockErrorMilliseconds = 0
        mix.thinkMicroseconds = 200...4_000
        weather.delayMicroseconds = random.pick([50...500, 50...5_000])
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
        coldPercent = random.pick([0, 5, 15, 60])
        queueLimit = random.pick([200, 200, 200, 20, 3])
        hintBudgetBytes = random.pick([1 << 20, 1 << 20, 1_500])
        formsUnderFaults = random.chance(30)
    }

    /// Deletes are forgotten while faults strike, also while some sleep for longer than that takes.
    private mutating func chooseGrace(_ random: inout SeededRandom) {
        guard random.chance(40) else { return }
        gcGraceMilliseconds = random.pick([1_000, 2_000, 4_000])
        let tolerance = Int(gcGraceMilliseconds) / 16
        clockErrorMilliseconds = random.pick([0, tolerance / 4, tolerance])
        faults.jumpMilliseconds = Int(gcGraceMilliseconds) / 2
        faults.setsClocks = true
        // What nodes do on their own account has to fit in too.
        queueLimit = max(queueLimit, 50)
        // Few partitions: each has tombstones. And what a replica lacks is found late.
        partitions = random.pick([1, 1, 4, 16])
        comparisonMilliseconds = random.pick([1_000, 5_000])
        // Many keys, seldom written: a tombstone has to grow old.
        keys = random.within(4...10)
        mix = Mix(putPercent: 25, deletePercent: random.pick([20, 35]), thinkMicroseconds: 1_000...400_000)
        workMilliseconds = random.within(8_000...20_000)
        if random.chance(50) {
            // So seldom that what a replica lacks is not brought by the next read or write.
            (tables, keys) = (1, 10)
            mix.thinkMicroseconds = 300_000...3_000_000
        }
        if faults.gapMilliseconds != nil { faults.gapMilliseconds = random.pick([300...3_000, 500...6_000]) }
        // What was forgotten everywhere else comes back with an old disk.
        guard writeQuorum > 1, random.chance(50) else { return }
        faults.losesDisk = true
        faults.kinds += Array(repeating: .oldDisk, count: faults.kinds.count / 2 + 1)
    }

    private mutating func chooseWork(_ random: inout SeededRandom) {
        clients = random.within(2...6)
        keys = random.within(1...4)
        tables = random.within(1...2)
        workMilliseconds = random.within(5_000...15_000)
        strongPercent = random.pick([100, 100, 80, 60, 30])
        mix.putPercent = random.pick([20, 40, 50, 60])
        mix.deletePercent = random.pick([0, 5, 10, 25])
        mix.thinkMicroseconds = random.pick([500...20_000, 1_000...120_000, 1_000...400_000])
        tablesCome = random.chance(25)
    }

    private mutating func chooseFaults(_ random: inout SeededRandom) {
        weather.delayMicroseconds = random.pick([50...500, 50...2_000, 50...20_000, 1_000...120_000])
        weather.stragglerPercent = random.pick([0, 0.5, 2, 10])
        weather.breakPercent = random.pick([0, 0, 1, 5])
        weather.repeatPercent = random.pick([0, 1, 5])
        if random.chance(8) { faults.gapMilliseconds = nil }
        faults.lastsMilliseconds = random.pick([50...800, 100...4_000, 500...9_000])
        if faults.gapMilliseconds != nil { faults.gapMilliseconds = random.pick([50...400, 100...1_500, 500...5_000]) }
        faults.losesDisk = random.chance(25) && writeQuorum > 1
        // Some runs know only a few kinds of trouble, which then meet one another more often.
        if random.chance(40) {
            faults.kinds = Fault.Kind.allCases.filter { _ in random.chance(35) }
            if faults.kinds.isEmpty { faults.kinds = [.crash] }
        }
    }
}
