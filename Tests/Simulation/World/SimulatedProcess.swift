/// One process of a node, from its start until it is killed. It executes the actions of its event loop in order, none
/// while it is frozen and none after it is dead.
final class SimulatedProcess {
    enum State {
        case running, frozen, dead
    }

    let node: Int
    private(set) var state = State.running
    private let world: World
    private var ready: [() -> Void] = []
    private var isIterationScheduled = false
    private var frozenSince: UInt64 = 0
    /// The time for which this process has been frozen since its start.
    private(set) var frozenMicroseconds: UInt64 = 0
    /// A closure that the process calls at the end of each loop iteration, after all actions of the iteration.
    var endIteration: () -> Void = {}

    init(_ world: World, node: Int) {
        self.world = world
        self.node = node
    }

    var isDead: Bool { state == .dead }

    /// Executes `action` on this process's loop after `microseconds` of true time, later if the process is frozen then.
    func after(_ microseconds: Int, _ action: @escaping () -> Void) {
        world.after(microseconds) { [self] in enqueue(action) }
    }

    /// Executes `action` in the next iteration of this process's loop. Does nothing when the process is dead.
    func enqueue(_ action: @escaping () -> Void) {
        if isDead { return }
        ready.append(action)
        scheduleIteration()
    }

    func freeze() {
        precondition(state == .running, "only a running process can be frozen")
        state = .frozen
        frozenSince = world.now
    }

    func thaw() {
        precondition(state == .frozen, "only a frozen process can be thawed")
        state = .running
        frozenMicroseconds += world.now - frozenSince
        scheduleIteration()
    }

    func die() {
        precondition(!isDead, "the process is already dead")
        state = .dead
        ready = []
        endIteration = {}
    }

    private func scheduleIteration() {
        guard state == .running, !isIterationScheduled, !ready.isEmpty else { return }
        isIterationScheduled = true
        world.after(world.random.skewed(1...200)) { [self] in
            isIterationScheduled = false
            runIteration()
        }
    }

    /// Executes the actions that were ready when the iteration began. Actions added meanwhile wait for the next one, as
    /// in an event loop that handles the events of one poll.
    private func runIteration() {
        guard state == .running else { return }
        let actions = ready
        ready = []
        for action in actions {
            action()
            precondition(state == .running, "a process was killed or frozen inside one of its own actions")
        }
        endIteration()
        scheduleIteration()
    }
}
