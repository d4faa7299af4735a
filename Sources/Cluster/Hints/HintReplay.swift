/// One replay pass over the hints of one target, in `RowPlace` order. It reads a page, sends it, removes the hints that
/// the target acknowledged, and continues with the next page. The pass ends after the last hint, or after the first
/// page in which a hint was not acknowledged.
///
/// While clients are active, replay is paced so that it does not slow their requests down.
final class HintReplay {
    private enum State {
        case waiting(until: UInt64)
        case working
        case finished
    }

    private let target: MemberIndex
    private let calls: any PeerCalls
    private let dependencies: MemberDependencies
    private let store: any ReplicaStore
    private let clock: any TimeSource
    private let tracer: any ClusterTracer
    let onlyExpired: Bool
    private let isBusy: () -> Bool
    private let completion: (ClusterEvent.Replayed?) -> Void
    private let began: UInt64
    private var state = State.working
    private var pageBegan: UInt64 = 0
    private var after: RowPlace?
    private var missing = 0
    /// The trace span of the page being sent; `.none` when no hint of the page is traced.
    private var pageWork = RequestTrace.none
    private var settlements: [HintSettlement] = []
    private var allTaken = true
    private var (puts, deletes, expired) = (0, 0, 0)

    /// `completion` receives the counts of this replay pass; nil if the pass was complete and no hint was delivered or
    /// expired.
    init(
        to target: MemberIndex, calls: any PeerCalls, dependencies: MemberDependencies, onlyExpired: Bool,
        isBusy: @escaping () -> Bool, completion: @escaping (ClusterEvent.Replayed?) -> Void
    ) {
        self.target = target
        self.calls = calls
        self.dependencies = dependencies
        store = dependencies.store
        clock = dependencies.clock
        tracer = dependencies.tracer
        self.onlyExpired = onlyExpired
        self.isBusy = isBusy
        self.completion = completion
        began = clock.monotonicMilliseconds
    }

    func start() { readPage() }

    var isPaused: Bool {
        if case .waiting = state { true } else { false }
    }

    func tick() {
        guard case .waiting(let until) = state, clock.monotonicMilliseconds >= until else { return }
        readPage()
    }

    private func readPage() {
        state = .working
        pageBegan = clock.monotonicMilliseconds
        let limit = isBusy() ? HintLimits.hintsPerBusyPage : HintLimits.hintsPerPage
        store.hints(of: target, after: after, limit: limit, maximumBytes: HintLimits.bytesPerPage) { [self] result in
            guard case .success(let page) = result else { return finish(complete: false) }
            guard let last = page.last else { return finish(complete: true) }
            after = last.place
            send(page)
        }
    }

    private func send(_ page: [Hint]) {
        let now = dependencies.hintTime
        missing = 1
        let recorded = onlyExpired ? [] : page.map(\.trace).filter(\.isRecorded)
        pageWork = recorded.isEmpty ? .none : tracer.beganReplay(to: target, of: recorded)
        for hint in page {
            if hint.storedAt.ageMilliseconds(now: now) > calls.roster.record.hintWindowMilliseconds {
                expired += 1
                settle(hint, .expired)
            } else if let table = dependencies.tables.catalog.live(hint.write.table) {
                if !onlyExpired { send(hint, table) }
            } else {
                settle(hint, .superseded)
            }
        }
        arrived()
    }

    private func send(_ hint: Hint, _ table: TableState) {
        missing += 1
        var item = hint.write.item
        if PlantedFault.hintVersionIgnored.isPlanted {
            let clock = HybridTimestamp(milliseconds: clock.wallMilliseconds)
            item = StoredItem(
                version: Version(clock: clock, writeID: item.version.writeID), isTombstone: item.isTombstone,
                value: item.value)
        }
        calls.call(
            target, .put(table, hint.write.key, item), over: .bulk, trace: pageWork.serving(hint.trace),
            timeoutMilliseconds: dependencies.settings.replicaTimeoutMilliseconds
        ) { [self] answer in
            switch answer {
            case .success(.stored), .success(.superseded):
                if item.isTombstone { deletes += 1 } else { puts += 1 }
                settle(hint, .delivered)
            case .success(.tableDeleted): settle(hint, .superseded)
            // The target's purge promise covers the hint's version, so it will never accept the hint; or the call came
            // too late. The hint stays until its hint window ends, and the replay pass continues with the next hints.
            case .success(.expired): break
            default: allTaken = false
            }
            arrived()
        }
    }

    private func settle(_ hint: Hint, _ fate: HintSettlement.Fate) {
        settlements.append(
            HintSettlement(target: target, place: hint.place, version: hint.write.item.version, fate: fate))
    }

    private func arrived() {
        missing -= 1
        guard missing == 0 else { return }
        tracer.end(pageWork, .done)
        guard !settlements.isEmpty else { return next() }
        let settled = settlements
        settlements = []
        store.settle(settled) { [self] result in
            if result != .committed { allTaken = false }
            next()
        }
    }

    private func next() {
        guard allTaken, calls.roster.liveness(of: target).takesWrites || onlyExpired else {
            return finish(complete: false)
        }
        guard isBusy() else { return readPage() }
        state = .waiting(until: pageBegan + HintLimits.busyPageMilliseconds)
    }

    private func finish(complete: Bool) {
        if case .finished = state { preconditionFailure("a hint replay ended twice") }
        state = .finished
        guard puts + deletes + expired > 0 || !complete else { return completion(nil) }
        completion(
            ClusterEvent.Replayed(
                target: target, puts: puts, deletes: deletes, expired: expired, isComplete: complete,
                milliseconds: clock.monotonicMilliseconds.subtractingToZero(began)))
    }
}
