internal import Cluster
internal import HTTP
package import HTTPServer
internal import Observability
package import Reactor
internal import Storage

/// One node, wired: settings to a store, a loop, a server and an API over both. Everything in it belongs to the thread
/// that calls `run`; nothing is global, so a process can hold several.
package final class Node {
    private let configuration: NodeConfiguration
    private let limits: HTTPServerLimits
    private let loop: EventLoop
    private let log: NodeLog
    private let store: Store
    private let partitions: Int
    private let registry: MetricRegistry
    private let metrics: HTTPMetrics
    private let loopMetrics: EventLoopMetrics
    private let storageMetrics: StorageMetrics
    private let ticker: Timer

    private enum State {
        case created
        case serving(NodeServices, Service)
        case stopping(NodeServices, Service)
        case stopped
    }

    private var state = State.created
    private var failure: StartError?
    private var shutdownWatch: ShutdownWatch?

    /// Ring it, from any thread, to stop: the first time as SIGTERM does, the second time at once. Afterwards it rings
    /// nothing.
    package let stopping: Wakeup
    /// Called on the loop once the node listens, with the address that clients reach.
    package var onServing: ((SocketAddress) -> Void)?
    /// Called on the loop once the cluster is formed, and items can be served.
    package var onBootstrapped: (() -> Void)?

    /// Opens the store; blocks while RocksDB recovers what a crash left. To be followed by `run`, which closes it.
    /// The log goes to standard output unless told otherwise; of `limits`, the number of connections is the
    /// configuration's affair.
    package init(
        _ configuration: NodeConfiguration, logDescriptor: Int32 = 1, limits: HTTPServerLimits = HTTPServerLimits()
    ) throws {
        self.configuration = configuration
        self.limits = limits
        loop = try EventLoop()
        log = try NodeLog(configuration, descriptor: logDescriptor)
        registry = MetricRegistry(maximumTables: configuration.metricsMaximumTables)
        metrics = HTTPMetrics(registry: registry, maximumTables: configuration.metricsMaximumTables)
        loopMetrics = EventLoopMetrics(registry: registry)
        storageMetrics = StorageMetrics(registry: registry)
        ticker = Timer(loop: loop)
        let bells = Bells()
        stopping = try WakeupListener(loop: loop) { bells.node?.stop() }.wakeup
        let committed = try WakeupListener(loop: loop) { bells.node?.store.deliverCompletions() }.wakeup
        let began = EventLoop.monotonicNanoseconds()
        do {
            (store, partitions) = try Store.open(configuration) { committed.signal() }
        } catch {
            loop.close()
            log.close()
            throw error
        }
        storageMetrics.recordOpening(nanoseconds: EventLoop.monotonicNanoseconds() - began)
        bells.node = self
    }

    /// Serves until it is told to stop, by `stopping` or by one of `signals`, then finishes what runs. Throws what kept
    /// it from serving.
    package func run(stoppingOn signals: [ProcessSignal] = []) throws {
        guard case .created = state else { preconditionFailure("a node runs once") }
        observeLoop()
        do {
            for signal in signals {
                _ = try SignalWatcher(loop: loop, signal: signal) { [unowned self] in self.stop() }
            }
        } catch {
            fail(StartError("\(error)"))
        }
        // The first of these runs after one turn, the second after a look at what has arrived: a node that was told to
        // stop before it began never listens.
        loop.enqueue {
            self.loop.enqueue { self.begin() }
        }
        loop.run()
        // Waits for workers, who may be at the disk too.
        loop.close()
        shutdownWatch?.end()
        if let failure { throw failure }
    }
}

/// Lets wakeups be made before the node that they wake.
private final class Bells {
    weak var node: Node?
}

// Starting.
extension Node {
    private func begin() {
        guard case .created = state else { return }
        do throws(StartError) {
            try serve()
        } catch {
            fail(error)
        }
    }

    /// The node listens before its cluster is formed: its peers must reach it for that, and whoever asks is told why
    /// there is nothing to be had yet.
    private func serve() throws(StartError) {
        let news = ClusterEventRecorder(registry: registry, log: log, nodeID: configuration.nodeID)
        let workers = WorkQueue(loop: loop)
        let tracing = Tracing(
            configuration.tracing, nodeID: configuration.nodeID, loop: loop, workers: workers, log: log,
            registry: registry)
        let parts = NodeServices(
            configuration: configuration, partitions: partitions, loop: loop, workers: workers,
            store: store, tables: TableDirectory(states: store.tables, metrics: metrics), news: news,
            tracing: tracing, registry: registry)
        news.onTableChange = { [unowned parts] state in
            parts.tables.follow(state, nowNanoseconds: EventLoop.monotonicNanoseconds())
        }
        news.exportsTraces = tracing.isExported
        news.hintsPending = { [store] in store.hintTotals[$0]?.pending ?? 0 }
        let clusterSpans = ClusterSpans(tracing)
        news.onBootstrapped = { [unowned self, unowned parts] record in
            clusterSpans.members = record.members.map(\.nodeID)
            // A record that was there at the start is told of behind the line of the start.
            if parts.presence != nil { self.log.formed(record, parts) }
            // What follows may ask this node something, which it is still in the middle of becoming able to answer.
            self.loop.enqueue { self.onBootstrapped?() }
        }
        let spans = RequestSpans(tracing, nodeID: configuration.nodeID) { [unowned parts] in parts.address }
        let observer = RequestObserver(
            metrics: metrics, log: log, spans: spans, configuration: configuration)
        let service: Service
        do throws(StartError) {
            service = try Service(
                parts, server: Server(
                    loop: loop, limits: limits.with(configuration),
                    handler: API(node: parts, observer: observer, spans: spans)),
                replica: LocalReplica(store: store, workers: parts.workers, metrics: storageMetrics),
                tracer: clusterSpans)
        } catch {
            tracing.close()
            throw error
        }
        state = .serving(parts, service)
        observe(parts, service.server)
        log.started(parts, store)
        if let record = parts.member.record { log.formed(record, parts) }
        service.start()
        onServing?(parts.address)
    }

    private func fail(_ error: StartError) {
        failure = error
        finish()
    }
}

// Stopping.
extension Node {
    /// What the store may take to close, beyond the shutdown timeout.
    private static let closingMilliseconds = 10_000

    /// The first time: finish what runs, for as long as the shutdown timeout allows. The second time: at once.
    private func stop() {
        switch state {
        case .created: finish()
        case .serving(let parts, let service):
            let server = service.server
            state = .stopping(parts, service)
            parts.isDraining = true
            log.info("stopping: no new connections; finishing \(server.counters.requestsInFlight) requests")
            watchShutdown()
            let deadline = loop.nowMilliseconds + configuration.shutdownTimeoutMilliseconds
            server.drain { [self] in
                let left = deadline > loop.nowMilliseconds ? deadline - loop.nowMilliseconds : 0
                parts.tracing.flushAndClose(withinMilliseconds: left) { self.finish() }
            }
            let timeout = Timer(loop: loop)
            timeout.start(afterMilliseconds: configuration.shutdownTimeoutMilliseconds) { server.closeRemaining() }
        case .stopping(let parts, let service):
            service.server.closeRemaining()
            parts.tracing.close()
        case .stopped: break
        }
    }

    /// Everything acknowledged is on the disk by now; what would be lost by leaving is only the waiting.
    private func watchShutdown() {
        let limit = Int(configuration.shutdownTimeoutMilliseconds) + Self.closingMilliseconds
        shutdownWatch = ShutdownWatch(milliseconds: limit) {
            StandardError.say("hedgehogdb: the disk has not answered for \(limit) ms since the stop; leaving at once")
            exitAtOnce()
        }
    }

    private func finish() {
        if case .stopped = state { return }
        if case .stopping(_, let service) = state { service.stop() }
        state = .stopped
        store.close()
        if failure == nil { log.info("stopped") }
        log.close()
        loop.stop()
    }
}

// Watching.
extension Node {
    private static let tickMilliseconds: UInt64 = 100

    /// One slow timer for what must be looked at now and then; how late it comes is the lag of the loop.
    private func observeLoop() {
        let period = Self.tickMilliseconds
        var due = EventLoop.monotonicNanoseconds() + period * 1_000_000
        ticker.start(afterMilliseconds: period, repeatMilliseconds: period) { [unowned self] in
            let now = EventLoop.monotonicNanoseconds()
            self.loopMetrics.record(lagNanoseconds: now > due ? now - due : 0)
            due = now + period * 1_000_000
            self.tick(nowNanoseconds: now)
        }
        loop.addTurnHook { [loopMetrics] turn in
            loopMetrics.recordTurn(busyNanoseconds: turn.busyNanoseconds, idleNanoseconds: turn.idleNanoseconds)
        }
        store.commitObserver = { [storageMetrics] report in
            storageMetrics.recordCommit(
                operations: report.operations, bytes: report.bytes, lookups: report.lookups,
                syncNanoseconds: report.syncNanoseconds, totalNanoseconds: report.totalNanoseconds)
        }
        store.onStateChange = { [unowned self] in self.storeChanged($0) }
    }

    private func storeChanged(_ storeState: StoreState) {
        log.storeChanged(storeState)
        guard storeState == .writable, let parts else { return }
        parts.member.adopt(store.tables)
    }

    private var parts: NodeServices? {
        switch state {
        case .serving(let parts, _), .stopping(let parts, _): parts
        case .created, .stopped: nil
        }
    }

    private func tick(nowNanoseconds: UInt64) {
        log.flush()
        metrics.removeRetired(nowNanoseconds: nowNanoseconds)
    }

    private func observe(_ parts: NodeServices, _ server: Server) {
        let process = ProcessWatch()
        // Unowned: the registry is part of `parts`, and must not keep them.
        registry.observe { [log, configuration, unowned parts, unowned server] samples in
            samples.node(configuration)
            samples.server(server.counters)
            samples.members(parts)
            samples.store(parts)
            samples.counter(.logLinesDropped, value: log.droppedLines)
            samples.process(process.reading(nowNanoseconds: EventLoop.monotonicNanoseconds()))
        }
    }
}
