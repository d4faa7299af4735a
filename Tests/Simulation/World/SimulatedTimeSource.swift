internal import Cluster

/// The two clocks of one simulated machine. The wall clock may be wrong, drift and jump; the monotonic clock may drift
/// and never goes back.
final class SimulatedTimeSource: TimeSource {
    /// The wall-clock time at which every run begins, in January 2027.
    private static let epochMilliseconds: Int64 = 1_800_000_000_000

    private let world: World
    private let monotonicStart: UInt64
    /// How much faster than true time the wall clock and the monotonic clock of the machine run, in parts per million.
    private var driftPerMillion: Int64 = 0
    private var anchor: UInt64 = 0
    private var elapsedAtAnchor: UInt64 = 0
    private(set) var offsetMilliseconds: Int64

    init(_ world: World, offsetMilliseconds: Int64) {
        self.world = world
        self.offsetMilliseconds = offsetMilliseconds
        monotonicStart = UInt64(world.random.below(1_000_000_000))
    }

    var wallMilliseconds: UInt64 {
        UInt64(Self.epochMilliseconds + offsetMilliseconds + Int64(elapsedMicroseconds / 1000))
    }

    var monotonicMilliseconds: UInt64 { monotonicStart + elapsedMicroseconds / 1000 }

    var monotonicNanoseconds: UInt64 { (monotonicStart * 1000 + elapsedMicroseconds) * 1000 }

    func jump(byMilliseconds milliseconds: Int64) {
        offsetMilliseconds += milliseconds
    }

    /// Sets the wall clock to true time, as an operator would.
    func setToTrueTime() {
        offsetMilliseconds = Int64(world.now / 1000) - Int64(elapsedMicroseconds / 1000)
    }

    func drift(perMillion: Int64) {
        elapsedAtAnchor = elapsedMicroseconds
        anchor = world.now
        driftPerMillion = perMillion
    }

    private var elapsedMicroseconds: UInt64 {
        let passed = Int64(world.now - anchor)
        return elapsedAtAnchor + UInt64(passed + passed * driftPerMillion / 1_000_000)
    }
}
