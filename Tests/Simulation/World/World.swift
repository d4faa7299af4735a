internal import Base

/// The discrete-event simulator: true time, the random number generator and the queue of future events. All times are
/// microseconds since the run began.
///
/// A run uses one thread, no clock of the machine and no hash order, so its seed determines everything that happens.
final class World {
    private(set) var now: UInt64 = 0
    private(set) var eventCount: UInt64 = 0
    var random: SeededRandom
    let transcript: Transcript
    private var events = EventQueue()

    init(seed: UInt64, keepsTranscript: Bool) {
        random = SeededRandom(seed: seed)
        transcript = Transcript(keepsLines: keepsTranscript)
    }

    func after(_ microseconds: Int, _ action: @escaping () -> Void) {
        events.add(at: now + UInt64(microseconds), action)
    }

    /// Executes all events that are due by `end`, and sets the time to `end`.
    func run(until end: UInt64) {
        while let time = events.nextTime, time <= end, let event = events.popFirst() {
            now = event.time
            eventCount += 1
            transcript.mix(now)
            event.action()
        }
        now = max(now, end)
    }

    /// Adds a line to the transcript. `line` is evaluated only when the transcript is kept.
    func note(_ line: @autoclosure () -> String) {
        transcript.note(now, line())
    }
}

/// The record of a run: a hash, which tells whether two runs were identical, and lines of text if they are kept. The
/// lines do not enter the hash, so their wording may change.
final class Transcript {
    private(set) var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    private(set) var lines: [String] = []
    private let keepsLines: Bool

    init(keepsLines: Bool) {
        self.keepsLines = keepsLines
    }

    func mix(_ word: UInt64) {
        hash = (hash ^ word) &* 0x0000_0100_0000_01B3
        hash ^= hash >> 29
    }

    func mix(_ bytes: [UInt8]) {
        mix(xxh3(bytes))
    }

    func note(_ time: UInt64, _ line: @autoclosure () -> String) {
        guard keepsLines else { return }
        lines.append("\(Self.milliseconds(time))  \(line())")
    }

    private static func milliseconds(_ time: UInt64) -> String {
        let fraction = String(time % 1000)
        let integer = String(time / 1000)
        return String(repeating: " ", count: max(0, 7 - integer.count)) + integer + "."
            + String(repeating: "0", count: 3 - fraction.count) + fraction
    }
}
