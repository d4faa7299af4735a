internal import Cluster

/// The two clocks of one machine. The wall may be wrong, drift and jump; the monotonic one runs a little fast or slow
/// and never goes back.
final class SimulatedTimeSource: TimeSource {
    /// 2027, when simulated time begins.
    private static let epochMilliseconds: Int64 = 1_800_000_000_000

    private let world: World
    private let monotonicStart: UInt64
    /// How much faster than true time the quartz runs, in millionths.
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

    /// As by hand: the wall shows true time.
    func setRight() {
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
