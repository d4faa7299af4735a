import Base
import Foundation
import HTTPServer
import Reactor

@testable import HedgehogNode

/// A complete node with its own thread and loop, as the executable runs it except for signals. When `init` returns, it
/// serves, or listens for its peers if it bootstraps a cluster with others. It is stopped in `deinit` at the latest.
final class TestNode: Sendable {
    private enum Event: Sendable {
        case listening(SocketAddress)
        case bootstrapped
        /// The node has ended. The text is the reason if the node could not serve, otherwise nil.
        case ended(String?)
    }

    let directory: TestDirectory
    let address: SocketAddress
    private let stopping: Wakeup
    private let events: Mailbox<Event>
    private let hasEnded: Mailbox<Bool>

    var port: UInt16 { address.port }

    /// Starts a node for tests. Unless `settings` says otherwise, it does not sync writes, logs only errors and exports
    /// no spans.
    init(
        in directory: TestDirectory = TestDirectory(), _ settings: [Setting: String] = [:],
        environment: [String: String] = ["OTEL_TRACES_EXPORTER": "none"],
        limits: HTTPServerLimits = HTTPServerLimits(), logDescriptor: Int32 = 1
    ) throws {
        let configuration = try NodeConfiguration(
            from: SettingSources(
                flags: Self.standard(directory).merging(settings) { $1 }, environment: environment, file: [:]),
            terminalOutput: false, descriptorLimit: 4096)
        let events = Mailbox<Event>(capacity: 4)
        let started = Mailbox<Result<Wakeup, StartError>>(capacity: 1)
        let hasEnded = Mailbox<Bool>(capacity: 1)
        let thread = WorkerThread {
            Self.run(configuration, limits, logDescriptor, started, events)
            hasEnded.close()
        }
        precondition(thread != nil, "there is no thread for a node")
        stopping = try started.takeOne().get()
        address = try Self.address(events, bootstrapsAlone: configuration.cluster.bootstrapExpect == 1)
        self.directory = directory
        self.events = events
        self.hasEnded = hasEnded
    }

    private static func address(_ events: Mailbox<Event>, bootstrapsAlone: Bool) throws -> SocketAddress {
        var address: SocketAddress?
        var isBootstrapped = !bootstrapsAlone
        var batch: [Event] = []
        while address == nil || !isBootstrapped {
            precondition(events.takeAll(into: &batch), "a mailbox was closed before its time")
            for event in batch {
                switch event {
                case .listening(let given): address = given
                case .bootstrapped: isBootstrapped = true
                case .ended(let error): throw StartError(error ?? "the node ended before it served")
                }
            }
            batch.removeAll()
        }
        guard let address else { throw StartError("the bootstrap was complete before the node listened") }
        return address
    }

    private static func standard(_ directory: TestDirectory) -> [Setting: String] {
        [
            .bind: "127.0.0.1:0", .dataDirectory: directory.path, .sync: "interval", .logLevel: "error",
            .accessLog: "off", .blockCache: "1MiB", .maximumConnections: "200",
        ]
    }

    private static func run(
        _ configuration: NodeConfiguration, _ limits: HTTPServerLimits, _ logDescriptor: Int32,
        _ started: Mailbox<Result<Wakeup, StartError>>, _ events: Mailbox<Event>
    ) {
        do {
            let node = try Node(configuration, logDescriptor: logDescriptor, limits: limits)
            _ = started.post(.success(node.stopping), weight: 1)
            node.onServing = { _ = events.post(.listening($0), weight: 1) }
            node.onBootstrapped = { _ = events.post(.bootstrapped, weight: 1) }
            try node.run()
            _ = events.post(.ended(nil), weight: 1)
        } catch {
            _ = started.post(.failure(StartError("\(error)")), weight: 1)
            _ = events.post(.ended("\(error)"), weight: 1)
        }
    }

    deinit { stop() }

    func tellToStop() { stopping.signal() }

    /// Stops the node and returns when it has released its data directory.
    func stop() {
        stopping.signal()
        var nothing: [Bool] = []
        _ = hasEnded.takeAll(into: &nothing)
    }

    /// Returns a client of this node that retains it, so that the node runs as long as the client is used.
    func client() -> TestClient { TestClient(of: self) }

    /// Returns the reason why a node in `directory` does not start; nil if it starts.
    static func refusal(in directory: TestDirectory, _ settings: [Setting: String] = [:]) -> String? {
        do {
            _ = try TestNode(in: directory, settings)
            return nil
        } catch {
            return "\(error)"
        }
    }
}

extension Mailbox {
    /// Waits for the next element of a mailbox that never holds more than one.
    fileprivate func takeOne() -> Element {
        var batch: [Element] = []
        guard takeAll(into: &batch), let first = batch.first else { fatalError("a mailbox was closed before its time") }
        return first
    }
}
