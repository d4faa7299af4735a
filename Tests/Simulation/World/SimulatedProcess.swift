/// One run of one node, from start to death: what keeps its turns of the loop in order, holds them back while it is
/// frozen, and lets nothing happen in it once it is dead.
final class SimulatedProcess {
    enum State {
        case running, frozen, dead
    }

    let node: Int
    private(set) var state = State.running
    private let world: World
    private var ready: [() -> Void] = []
    private var turnIsDue = false
    private var frozenSince: UInt64 = 0
    /// In all its life.
    private(set) var frozenMicroseconds: UInt64 = 0
    /// Called at the end of each turn, after whatever it held.
    var endIteration: () -> Void = {}

    init(_ world: World, node: Int) {
        self.world = world
        self.node = node
    }

    var isDead: Bool { state == .dead }

    /// On this process's loop, once so much true time has passed and the process can run.
    func after(_ microseconds: Int, _ action: @escaping () -> Void) {
        world.after(microseconds) { [self] in soon(action) }
    }

    /// On this process's loop, in its next turn.
    func soon(_ action: @escaping () -> Void) {
        if isDead { return }
        ready.append(action)
        scheduleTurn()
    }

    func freeze() {
        precondition(state == .running, "only what runs can be frozen")
        state = .frozen
        frozenSince = world.now
    }

    func thaw() {
        precondition(state == .frozen, "only what is frozen can be thawed")
        state = .running
        frozenMicroseconds += world.now - frozenSince
        scheduleTurn()
    }

    func die() {
        precondition(!isDead, "a process dies once")
        state = .dead
        ready = []
        endIteration = {}
    }

    private func scheduleTurn() {
        guard state == .running, !turnIsDue, !ready.isEmpty else { return }
        turnIsDue = true
        world.after(world.random.skewed(1...200)) { [self] in
            turnIsDue = false
            turn()
        }
    }

    /// What was ready when it began, as a loop takes what the kernel reports at once.
    private func turn() {
        guard state == .running else { return }
        let actions = ready
        ready = []
        for action in actions {
            action()
            precondition(state == .running, "no process ends or freezes in the middle of its own turn")
        }
        endIteration()
        scheduleTurn()
    }
}
