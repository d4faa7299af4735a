/// Searches a linearization of the operations of one key: an order in which a single register could have executed them
/// one at a time, each between its call and its return.
///
/// The algorithm is that of Wing and Gong ("Testing and Verifying Concurrent Objects", 1993), with the cache of visited
/// configurations by Lowe ("Testing for Linearizability", 2017). It places operations one after another. The next one
/// may be any operation that no unplaced operation precedes. When none fits it backtracks, and it never visits a
/// configuration twice. Keys are checked separately, since a history is linearizable if and only if the history of each
/// object is (Herlihy and Wing, "Linearizability", 1990).
///
/// Since the values of a key are unique, most choices need no backtracking. The comments below say for each why it does
/// not miss a linearization.
struct LinearizationSearch {
    enum Verdict: Equatable {
        case linearizable
        case notLinearizable
        /// The search visited `maximumConfigurations` configurations without a result.
        case undecided
    }

    /// The bound of the search. It is far above what a history of a thousand operations by ten clients needs.
    static let maximumConfigurations = 2_000_000

    /// The part of a search configuration by which visited ones are recognised: the set of steps placed in the order so
    /// far, and the register's value after them.
    private struct Placed: Hashable {
        var bits: [UInt64]
        var value: ReducedHistory.Value

        func contains(_ step: Int) -> Bool { bits[step >> 6] >> UInt64(step & 63) & 1 == 1 }

        mutating func insert(_ step: Int) { bits[step >> 6] |= 1 << UInt64(step & 63) }
    }

    private struct Configuration {
        var placed: Placed
        var optionalDeletesUsed: Int
        /// The index of a step: all steps with a lower index are placed. It shortens the search for unplaced steps.
        var low: Int
    }

    /// The steps that may be placed next in the order: a step is among them if no other unplaced step returned before
    /// it was called.
    private struct Frontier {
        var steps: [Int] = []
        /// The earliest return time of all unplaced steps. Steps called after it may not be placed yet.
        var firstReturn = UInt64.max
    }

    private let history: ReducedHistory
    private var stack: [Configuration] = []
    /// The visited configurations, with the fewest optional deletes used to reach each. A visit that has used more of
    /// them can reach nothing else.
    private var visited: [Placed: Int] = [:]

    private init(_ history: ReducedHistory) {
        self.history = history
    }

    static func verdict(on history: ReducedHistory) -> Verdict {
        var search = LinearizationSearch(history)
        return search.run()
    }

    private mutating func run() -> Verdict {
        let words = (history.steps.count + 63) / 64
        stack = [
            Configuration(
                placed: Placed(bits: Array(repeating: 0, count: words), value: ReducedHistory.absent),
                optionalDeletesUsed: 0, low: 0)
        ]
        while var configuration = stack.popLast() {
            guard let frontier = placeForcedSteps(&configuration) else { continue }
            if frontier.steps.isEmpty { return .linearizable }
            if let fewest = visited[configuration.placed], fewest <= configuration.optionalDeletesUsed { continue }
            guard visited.count < Self.maximumConfigurations else { return .undecided }
            visited[configuration.placed] = configuration.optionalDeletesUsed
            branch(configuration, frontier)
        }
        return .notLinearizable
    }

    /// Places the steps for which the search needs no choice, and returns the steps that may come next. Returns nil if
    /// no order of the remaining steps completes the configuration to a linearization.
    private func placeForcedSteps(_ configuration: inout Configuration) -> Frontier? {
        while true {
            let frontier = frontier(&configuration)
            let value = configuration.placed.value
            // A read of the current value can be placed first, because it does not change the register.
            let reads = frontier.steps.filter { !history.steps[$0].isWrite && history.steps[$0].value == value }
            if !reads.isEmpty {
                for read in reads { configuration.placed.insert(read) }
                continue
            }
            if hasUnplacedReads(of: value, configuration) {
                // Reads of the register's current value remain unplaced, and another step has to precede them. Any
                // write replaces the value, and a put value does not come back, because each value is put once. Only an
                // absent item can come back, by another delete.
                if value != ReducedHistory.absent { return nil }
                return frontier
            }
            // No unplaced read needs the register's current value. A put whose value was never read can then be placed
            // at once: at any other place in the order it would be followed by a write, or by nothing.
            guard let unread = frontier.steps.first(where: isUnreadPut) else { return frontier }
            place(unread, in: &configuration)
        }
    }

    private mutating func branch(_ configuration: Configuration, _ frontier: Frontier) {
        let available = optionalDeletes(by: frontier.firstReturn)
        let readsAbsent = frontier.steps.contains {
            !history.steps[$0].isWrite && history.steps[$0].value == ReducedHistory.absent
        }
        // A delete that may or may not have taken effect is useful in the order only directly before a read that found
        // no item, so it is not tried anywhere else.
        if readsAbsent, configuration.placed.value != ReducedHistory.absent,
            available > configuration.optionalDeletesUsed
        {
            var next = configuration
            next.placed.value = ReducedHistory.absent
            next.optionalDeletesUsed += 1
            stack.append(next)
        }
        let writes = frontier.steps.filter { history.steps[$0].isWrite }
        for write in writes.sorted(by: { history.steps[$0].returned > history.steps[$1].returned }) {
            var next = configuration
            place(write, in: &next)
            stack.append(next)
        }
    }

    /// The number of deletes that may have taken effect by `time` although they need not. An eventual delete counts for
    /// every read that has begun by then. The search does not record which delete served which read, so where reads of
    /// an absent item overlap it may accept a history that is not linearizable.
    private func optionalDeletes(by time: UInt64) -> Int {
        let strong = history.optionalDeletes.prefix { $0 <= time }.count
        guard !history.eventualDeletes.isEmpty else { return strong }
        let begun = history.reads[ReducedHistory.absent].prefix { history.steps[$0].called <= time }
        let latest = begun.map { history.steps[$0].returned }.max() ?? 0
        return strong + history.eventualDeletes.prefix { $0 <= latest }.count
    }

    private func place(_ write: Int, in configuration: inout Configuration) {
        configuration.placed.insert(write)
        configuration.placed.value = history.steps[write].value
    }

    /// The unplaced steps that no unplaced step precedes, in order of call.
    private func frontier(_ configuration: inout Configuration) -> Frontier {
        while configuration.low < history.steps.count, configuration.placed.contains(configuration.low) {
            configuration.low += 1
        }
        var frontier = Frontier()
        var index = configuration.low
        while index < history.steps.count, history.steps[index].called <= frontier.firstReturn {
            if !configuration.placed.contains(index) {
                frontier.steps.append(index)
                frontier.firstReturn = min(frontier.firstReturn, history.steps[index].returned)
            }
            index += 1
        }
        return frontier
    }

    private func hasUnplacedReads(of value: ReducedHistory.Value, _ configuration: Configuration) -> Bool {
        history.reads[value].contains { !configuration.placed.contains($0) }
    }

    private func isUnreadPut(_ step: Int) -> Bool {
        let step = history.steps[step]
        return step.isWrite && step.value != ReducedHistory.absent && history.reads[step.value].isEmpty
    }
}
