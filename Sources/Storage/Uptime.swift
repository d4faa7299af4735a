/// How long the store has been open in all its life. The row that keeps it is written beside hints, whose age it tells,
/// and at the closing: what a crash takes away is never more than what passed since the last hint.
struct Uptime: Sendable {
    private let before: UInt64
    private let openedAtNanoseconds: UInt64

    init(before: UInt64) {
        self.before = before
        openedAtNanoseconds = monotonicNanoseconds()
    }

    var milliseconds: UInt64 {
        before &+ (monotonicNanoseconds() - openedAtNanoseconds) / 1_000_000
    }
}
