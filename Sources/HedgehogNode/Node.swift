internal import Cluster
internal import HTTP
package import HTTPServer
internal import Observability
package import Reactor
internal import Storage

/// One node of a cluster: opens its store, builds its services, serves until it is told to stop, and shuts down. All
/// its parts run on the thread that calls `run`. Nothing is global, so a process can hold several nodes.
package final class Node {
    private let configuration: NodeConfiguration
    private let limits: HTTPServerLimits
    private let loop: EventLoop
    private let log: NodeLog
    private let store: Store
    private let partitions: Int
    private let metrics: NodeMetrics
    private let ticker: Timer

    private enum State {
        case created
        case serving(NodeServices, Service)
        case stopping(NodeServices, Service)
        /// The services of a stopped node are kept until the node itself is released, because the event loop still
        /// calls them while the loop is being closed. [A transfer that was cancelled at the end of a shutdown completed
        /// after the cluster member was gone.]
        case stopped(NodeServices?, Service?)
    }

    private var state = State.created
    private var failure: StartError?
    private var shutdownWatchdog: ShutdownWatchdog?
    /// The time on the monotonic clock, in nanoseconds, at which the limit on open files is checked again.
    private var descriptorCheckNanoseconds: UInt64 = 0

    /// Stops the node when signalled, from any thread: the first signal stops it as SIGTERM does, the second one at
    /// once. A signal after the end of `run` has no effect.
    package let stopping: Wakeup
    /// A callback that the loop makes once the node listens, with the address at which clients reach it.
    package var onServing: ((SocketAddress) -> Void)?
    /// A callback that the loop makes once the cluster's bootstrap is complete and the node serves items.
    package var onBootstrapped: (() -> Void)?

    /// Opens the store and blocks while RocksDB replays its log after a crash. Must be followed by `run`, which closes
    /// the store. The log is written to `logDescriptor`, standard output by default. The connection limit comes from
    /// `configuration`, all others from `limits`. Throws `StartError` or `StoreOpenError`.
    package init(
        _ configuration: NodeConfiguration, logDescriptor: Int32 = 1, limits: HTTPServerLimits = HTTPServerLimits()
    ) throws {
        self.configuration = configuration
        self.limits = limits
        loop = try EventLoop()
        log = try NodeLog(configuration, descriptor: logDescriptor)
        metrics = NodeMetrics(configuration)
        ticker = Timer(loop: loop)
        let box = WeakNode()
        stopping = try WakeupListener(loop: loop) { box.node?.stop() }.wakeup
        let committed = try WakeupListener(loop: loop) { box.node?.store.deliverCompletions() }.wakeup
        let began = EventLoop.monotonicNanoseconds()
        do {
            (store, partitions) = try Store.open(configuration) { committed.signal() }
        } catch {
            loop.close()
            log.close()
            throw error
        }
        metrics.storage.recordOpening(nanoseconds: EventLoop.monotonicNanoseconds() - began)
        box.node = self
    }

    /// Serves until `stopping` or one of `signals` arrives, then finishes the requests that are running and returns.
    /// Throws the reason if the node could not start serving.
    package func run(stoppingOn signals: [ProcessSignal] = []) throws {
        guard case .created = state else { preconditionFailure("a node was run twice") }
        observeLoop()
        do {
            // The signal callbacks hold the node unowned: only the event loop calls them, and it runs only within this
            // method of the node.
            for signal in signals {
                _ = try SignalWatcher(loop: loop, signal: signal) { [unowned self] in self.stop() }
            }
        } catch {
            fail(StartError("\(error)"))
        }
        // The nested call delays the start until the event loop has polled for events once more, because that poll
        // delivers a stop signal that was sent before `run` was called. So a node that was stopped before it started
        // never listens.
        loop.enqueue {
            self.loop.enqueue { self.begin() }
        }
        loop.run()
        // Closing the loop waits for the worker threads, which may be reading from the disk.
        loop.close()
        shutdownWatchdog?.end()
        if let failure { throw failure }
    }
}

/// A weak reference to a node, for callbacks that are created before the node exists.
private final class WeakNode {
    weak var node: Node?
}

// Start.
extension Node {
    private func begin() {
        guard case .created = state else { return }
        do throws(StartError) {
            try serve()
        } catch {
            fail(error)
        }
    }

    /// The node listens before its cluster's bootstrap is complete: its peers must reach it for the bootstrap, and
    /// `/readyz` tells clients what the bootstrap waits for.
    private func serve() throws(StartError) {
        let services = try NodeServices(
            configuration: configuration, loop: loop, log: log, store: store, partitions: partitions,
            metrics: metrics)
        let address = services.address
        let spans = RequestSpans(services.tracing, nodeID: configuration.nodeID) { address }
        let observer = RequestObserver(
            metrics: metrics.http, log: log, spans: spans, configuration: configuration)
        let service = try Service(
            services, handler: API(node: services, observer: observer, spans: spans),
            limits: limits.with(configuration))
        state = .serving(services, service)
        observe(services, service.server)
        log.started(services, store)
        warnOfFewDescriptors(EventLoop.monotonicNanoseconds())
        services.recorder.onBootstrapped.append { [unowned self] in self.bootstrapped($0) }
        // If the cluster bootstrapped in an earlier run of this node, its record was loaded before the callback above
        // was registered, so the callback is not called for it and the bootstrap is reported here.
        if let record = services.member.record { bootstrapped(record) }
        service.start()
        onServing?(address)
    }

    private func bootstrapped(_ record: ClusterRecord) {
        log.bootstrapped(record)
        // `onBootstrapped` is called at the end of the loop iteration, not here: it may send requests to this node,
        // which cannot answer them until the caller of this method has returned.
        loop.enqueue { self.onBootstrapped?() }
    }

    private func fail(_ error: StartError) {
        failure = error
        finish()
    }
}

// Shutdown.
extension Node {
    /// How long the store may take to close after the shutdown timeout, in milliseconds.
    private static let closingMilliseconds = 10_000
    /// How long a stop waits for a collector to take the last spans, in milliseconds.
    private static let exportMilliseconds: UInt64 = 1_000

    /// Stops the node. The first call lets running requests finish, for at most the shutdown timeout; the second call
    /// closes the connections of those that still run.
    private func stop() {
        switch state {
        case .created: finish()
        case .serving(let services, let service):
            let server = service.server
            state = .stopping(services, service)
            services.isDraining = true
            log.info("stopping: no new connections; finishing \(server.counters.requestsInFlight) requests")
            startWatchdog()
            let deadline = loop.nowMilliseconds + configuration.shutdownTimeoutMilliseconds
            server.drain { [self] in
                service.stop()
                // The store is closed before the span export, because a collector that does not respond must not delay
                // the closing of the store.
                store.close()
                let left = deadline > loop.nowMilliseconds ? deadline - loop.nowMilliseconds : 0
                services.tracing.flushAndClose(withinMilliseconds: min(left, Self.exportMilliseconds)) {
                    self.finish()
                }
            }
            let timeout = Timer(loop: loop)
            timeout.start(afterMilliseconds: configuration.shutdownTimeoutMilliseconds) { server.closeRemaining() }
        case .stopping(let services, let service):
            service.server.closeRemaining()
            services.tracing.close()
        case .stopped: break
        }
    }

    /// Ends the process if the shutdown hangs. Every acknowledged write is on the disk by then, so nothing is lost.
    private func startWatchdog() {
        let limit = Int(configuration.shutdownTimeoutMilliseconds) + Self.closingMilliseconds
        shutdownWatchdog = ShutdownWatchdog(milliseconds: limit) {
            StandardError.write("hedgehogdb: shutdown not complete after \(limit) ms, the disk may hang; exiting now")
            exitAtOnce()
        }
    }

    /// Closes the log and stops the event loop, at the end of a shutdown or after the start of the node has failed.
    private func finish() {
        switch state {
        case .stopped: return
        case .created:
            store.close()
            state = .stopped(nil, nil)
        case .serving: preconditionFailure("a node that serves was finished before it was stopped")
        case .stopping(let services, let service): state = .stopped(services, service)
        }
        if failure == nil { log.info("stopped") }
        log.close()
        loop.stop()
    }
}


extension Node {
    private static let tickMilliseconds: UInt64 = 100
    private static let descriptorCheckPeriodNanoseconds: UInt64 = 60_000_000_000

    /// Starts the node's periodic timer, whose lateness is the loop's lag, and records loop iterations and commits.
    private func observeLoop() {
        let period = Self.tickMilliseconds
        var due = EventLoop.monotonicNanoseconds() + period * 1_000_000
        ticker.start(afterMilliseconds: period, repeatMilliseconds: period) { [unowned self] in
            let now = EventLoop.monotonicNanoseconds()
            self.metrics.loop.record(lagNanoseconds: now > due ? now - due : 0)
            due = now + period * 1_000_000
            self.tick(nowNanoseconds: now)
        }
        loop.addIterationHook { [loopMetrics = metrics.loop] iteration in
            loopMetrics.recordIteration(
                busyNanoseconds: iteration.busyNanoseconds, idleNanoseconds: iteration.idleNanoseconds)
        }
        store.commitObserver = { [storageMetrics = metrics.storage] report in
            storageMetrics.recordCommit(
                operations: report.operations, bytes: report.bytes, lookups: report.lookups,
                syncNanoseconds: report.syncNanoseconds, totalNanoseconds: report.totalNanoseconds)
        }
        store.onStateChange = { [unowned self] in self.storeChanged($0) }
    }

    private func storeChanged(_ storeState: StoreState) {
        log.storeChanged(storeState)
        guard storeState == .writable, let services else { return }
        services.member.adopt(store.tables)
    }

    var services: NodeServices? {
        switch state {
        case .serving(let services, _), .stopping(let services, _): services
        case .created, .stopped: nil
        }
    }

    private func tick(nowNanoseconds: UInt64) {
        warnOfFewDescriptors(nowNanoseconds)
        log.flush()
        metrics.http.removeRetired(nowNanoseconds: nowNanoseconds)
    }

    /// Logs once a minute, and first at the start, that the limit on open files is too low, as long as it is.
    private func warnOfFewDescriptors(_ nowNanoseconds: UInt64) {
        guard services != nil, nowNanoseconds >= descriptorCheckNanoseconds else { return }
        descriptorCheckNanoseconds = nowNanoseconds + Self.descriptorCheckPeriodNanoseconds
        let warning = DescriptorBudget.warning(
            limit: DescriptorLimit.current, maximumConnections: configuration.maximumConnections,
            isDefault: configuration.isDefaultMaximumConnections)
        if let warning { log.warn(warning) }
    }

    private func observe(_ services: NodeServices, _ server: Server) {
        let process = ProcessReader()
        // This callback, which adds samples to the metrics page, holds the node's services and its HTTP server unowned.
        // A strong reference would be a cycle: the services own the metric registry, and the registry owns the
        // callback. Both objects exist whenever it is called: only the event loop reads the registry, and `state` keeps
        // them until the loop is closed.
        metrics.registry.observe { [log, configuration, unowned services, unowned server] samples in
            samples.node(configuration)
            samples.server(server.counters)
            samples.members(services)
            samples.store(services)
            samples.counter(.logLinesDropped, value: log.droppedLines)
            samples.process(process.reading(nowNanoseconds: EventLoop.monotonicNanoseconds()))
        }
    }
}
