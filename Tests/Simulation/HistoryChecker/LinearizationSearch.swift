/// Looks for an order of a key's operations that a single register could have performed one at a time, each between
/// its call and its return.
///
/// The search is that of Wing and Gong ("Testing and Verifying Concurrent Objects", 1993) with the memory of
/// configurations that Lowe added ("Testing for Linearizability", 2017): from what has been placed, place next any
/// operation that no unplaced one precedes; come back when stuck; never enter a configuration twice. Keys are judged
/// one by one, since a history is linearizable exactly if that of every object is (Herlihy and Wing, 1990).
///
/// That values are unique allows most choices to be made without trying the others; each place below says why it
/// loses no linearization.
struct LinearizationSearch {
    enum Verdict: Equatable {
        case linearizable
        case notLinearizable
        /// More configurations than the bound.
        case undecided
    }

    /// Far above what a history of a thousand operations by ten clients needs.
    static let maximumConfigurations = 2_000_000

    private struct Placed: Hashable {
        var bits: [UInt64]
        var value: RegisterTask.Value

        func contains(_ step: Int) -> Bool { bits[step >> 6] >> UInt64(step & 63) & 1 == 1 }

        mutating func insert(_ step: Int) { bits[step >> 6] |= 1 << UInt64(step & 63) }
    }

    private struct Configuration {
        var placed: Placed
        var spareDeletesUsed: Int
        /// Every step before this one is placed.
        var low: Int
    }

    private struct Front {
        var steps: [Int] = []
        /// When the first of the unplaced operations returned: what was called later must wait.
        var firstReturn = UInt64.max
    }

    private let task: RegisterTask
    private var stack: [Configuration] = []
    /// The fewest spare deletes with which a configuration was entered: with more nothing else can follow.
    private var entered: [Placed: Int] = [:]

    private init(_ task: RegisterTask) {
        self.task = task
    }

    static func verdict(on task: RegisterTask) -> Verdict {
        var search = LinearizationSearch(task)
        return search.run()
    }

    private mutating func run() -> Verdict {
        let words = (task.steps.count + 63) / 64
        stack = [
            Configuration(
                placed: Placed(bits: Array(repeating: 0, count: words), value: RegisterTask.absent),
                spareDeletesUsed: 0, low: 0)
        ]
        while var configuration = stack.popLast() {
            guard let front = settle(&configuration) else { continue }
            if front.steps.isEmpty { return .linearizable }
            if let fewest = entered[configuration.placed], fewest <= configuration.spareDeletesUsed { continue }
            guard entered.count < Self.maximumConfigurations else { return .undecided }
            entered[configuration.placed] = configuration.spareDeletesUsed
            branch(configuration, front)
        }
        return .notLinearizable
    }

    /// Places what needs no choice. Nil when nothing lawful can follow.
    private func settle(_ configuration: inout Configuration) -> Front? {
        while true {
            let front = front(&configuration)
            let value = configuration.placed.value
            // A read of the present value may as well come first: it changes nothing.
            let reads = front.steps.filter { !task.steps[$0].isWrite && task.steps[$0].value == value }
            if !reads.isEmpty {
                for read in reads { configuration.placed.insert(read) }
                continue
            }
            if hasUnplacedReads(of: value, configuration) {
                // A value that was put does not come back once another took its place; and one must, because an
                // operation that returned before the remaining reads were called is no read of it.
                if value != RegisterTask.absent { return nil }
                return front
            }
            // Nothing needs the present value any more. Then a put that nobody read may come at once: wherever it
            // stood, a write followed it, or nothing did.
            guard let unread = front.steps.first(where: isUnreadPut) else { return front }
            place(unread, in: &configuration)
        }
    }

    private mutating func branch(_ configuration: Configuration, _ front: Front) {
        let spare = spareDeletes(by: front.firstReturn)
        let wantsAbsent = front.steps.contains {
            !task.steps[$0].isWrite && task.steps[$0].value == RegisterTask.absent
        }
        // A delete that need not take effect is of use only just before a read that found nothing.
        if wantsAbsent, configuration.placed.value != RegisterTask.absent, spare > configuration.spareDeletesUsed {
            var next = configuration
            next.placed.value = RegisterTask.absent
            next.spareDeletesUsed += 1
            stack.append(next)
        }
        let writes = front.steps.filter { task.steps[$0].isWrite }
        for write in writes.sorted(by: { task.steps[$0].returned > task.steps[$1].returned }) {
            var next = configuration
            place(write, in: &next)
            stack.append(next)
        }
    }

    /// How many deletes that need not take effect may have. Eventual ones count for any read that has begun by then:
    /// which of them served which read is not kept, so where reads of nothing overlap, a few more may pass.
    private func spareDeletes(by time: UInt64) -> Int {
        let strong = task.spareDeletes.prefix { $0 <= time }.count
        guard !task.eventualDeletes.isEmpty else { return strong }
        let begun = task.reads[RegisterTask.absent].prefix { task.steps[$0].called <= time }
        let latest = begun.map { task.steps[$0].returned }.max() ?? 0
        return strong + task.eventualDeletes.prefix { $0 <= latest }.count
    }

    private func place(_ write: Int, in configuration: inout Configuration) {
        configuration.placed.insert(write)
        configuration.placed.value = task.steps[write].value
    }

    /// The unplaced steps that no unplaced step precedes, in order of call.
    private func front(_ configuration: inout Configuration) -> Front {
        while configuration.low < task.steps.count, configuration.placed.contains(configuration.low) {
            configuration.low += 1
        }
        var front = Front()
        var index = configuration.low
        while index < task.steps.count, task.steps[index].called <= front.firstReturn {
            if !configuration.placed.contains(index) {
                front.steps.append(index)
                front.firstReturn = min(front.firstReturn, task.steps[index].returned)
            }
            index += 1
        }
        return front
    }

    private func hasUnplacedReads(of value: RegisterTask.Value, _ configuration: Configuration) -> Bool {
        task.reads[value].contains { !configuration.placed.contains($0) }
    }

    private func isUnreadPut(_ step: Int) -> Bool {
        let step = task.steps[step]
        return step.isWrite && step.value != RegisterTask.absent && task.reads[step.value].isEmpty
    }
}
