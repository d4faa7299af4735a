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
    private let limits: ServerLimits
    private let loop: EventLoop
    private let log: NodeLog
    private let store: Store
    private let partitions: Int
    private let registry = MetricRegistry()
    private let metrics: HTTPMetrics
    private let loopMetrics: EventLoopMetrics
    private let storageMetrics: StorageMetrics
    private let ticker: Timer

    private enum State {
        case created, forming
        case serving(NodeParts, HTTPServer)
        case stopping(NodeParts, HTTPServer)
        case stopped
    }

    private var state = State.created
    private var failure: StartError?
    private var shutdownWatch: ShutdownWatch?

    /// Ring it, from any thread, to stop: the first time as SIGTERM does, the second time at once. Afterwards it rings
    /// nothing.
    package let stopping: Wakeup
    /// Called on the loop once clients are served, with the address they reach.
    package var onServing: ((SocketAddress) -> Void)?

    /// Opens the store; blocks while RocksDB recovers what a crash left. To be followed by `run`, which closes it.
    /// The log goes to standard output unless told otherwise; of `limits`, the number of connections is the
    /// configuration's affair.
    package init(
        _ configuration: NodeConfiguration, logDescriptor: Int32 = 1, limits: ServerLimits = ServerLimits()
    ) throws {
        self.configuration = configuration
        self.limits = limits
        loop = try EventLoop()
        log = try NodeLog(configuration, descriptor: logDescriptor)
        metrics = HTTPMetrics(registry: registry)
        loopMetrics = EventLoopMetrics(registry: registry)
        storageMetrics = StorageMetrics(registry: registry)
        ticker = Timer(loop: loop)
        let bells = Bells()
        stopping = try WakeupListener(loop: loop) { bells.node?.stop() }.wakeup
        let committed = try WakeupListener(loop: loop) { bells.node?.store.deliverCompletions() }.wakeup
        do {
            (store, partitions) = try Store.open(configuration) { committed.signal() }
        } catch {
            loop.close()
            log.close()
            throw error
        }
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
            if let record = try ClusterForming.stored(in: store, configuration) {
                serve(record)
            } else {
                form(ClusterForming.lone(store, configuration, partitions: partitions))
            }
        } catch {
            fail(StartError("\(error)"))
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
    private func form(_ record: ClusterRecord) {
        state = .forming
        store.submit(clusterRecord: record.encoded) { [self] result in
            guard case .forming = state else { return }
            guard result == .committed else {
                return fail(StartError("the cluster record could not be stored: \(result)"))
            }
            serve(record)
        }
    }

    private func serve(_ record: ClusterRecord) {
        let workers = WorkQueue(loop: loop)
        let coordinator = Coordinator(
            store: LocalReplica(store: store, workers: workers, metrics: storageMetrics),
            clock: SystemClock(loop: loop),
            operationTimeoutMilliseconds: configuration.operationTimeoutMilliseconds,
            maximumClockSkewMilliseconds: configuration.maximumClockSkewMilliseconds)
        let parts = NodeParts(
            configuration: configuration, loop: loop, workers: workers, store: store, coordinator: coordinator,
            tables: TableDirectory(states: store.tables, metrics: metrics), record: record, registry: registry)
        let observer = RequestObserver(metrics: metrics, log: log, configuration: configuration)
        let server = HTTPServer(
            loop: loop, limits: limits.with(configuration), handler: API(node: parts, observer: observer))
        do {
            parts.address = try server.listen(on: configuration.bind)
        } catch {
            return fail(StartError("cannot listen: \(error); choose another address with --bind"))
        }
        state = .serving(parts, server)
        observe(parts, server)
        log.started(parts, store)
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
        case .created, .forming: finish()
        case .serving(let parts, let server):
            state = .stopping(parts, server)
            parts.isDraining = true
            log.info("stopping: no new connections; finishing \(server.counters.requestsInFlight) requests")
            watchShutdown()
            server.drain { [self] in finish() }
            let timeout = Timer(loop: loop)
            timeout.start(afterMilliseconds: configuration.shutdownTimeoutMilliseconds) { server.closeRemaining() }
        case .stopping(_, let server): server.closeRemaining()
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
        parts.tables.adopt(store.tables, nowNanoseconds: EventLoop.monotonicNanoseconds())
    }

    private var parts: NodeParts? {
        switch state {
        case .serving(let parts, _), .stopping(let parts, _): parts
        case .created, .forming, .stopped: nil
        }
    }

    private func tick(nowNanoseconds: UInt64) {
        log.flush()
        metrics.removeRetired(nowNanoseconds: nowNanoseconds)
        parts?.coordinator.expireOverdue()
    }

    private func observe(_ parts: NodeParts, _ server: HTTPServer) {
        // Unowned: the registry is part of `parts`, and must not keep them.
        registry.observe { [log, configuration, unowned parts, unowned server] samples in
            samples.node(configuration)
            samples.server(server.counters)
            samples.store(parts)
            samples.counter(.logLinesDropped, value: log.droppedLines)
            samples.process(.current())
        }
    }
}
