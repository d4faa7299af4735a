import Base
import Foundation
import HTTPServer
import Reactor

@testable import HedgehogNode

/// A whole node on a thread and a loop of its own, as the executable runs it but for the signals. It serves when `init`
/// returns, or listens for its peers if it is to form a cluster with others, and is stopped at the end if the test has
/// not done so.
final class TestNode: Sendable {
    private enum Event: Sendable {
        case listening(SocketAddress)
        case formed
        /// With what kept it from serving, if something did.
        case ended(String?)
    }

    let directory: TestDirectory
    let address: SocketAddress
    private let stopping: Wakeup
    private let events: Mailbox<Event>
    private let hasEnded: Mailbox<Bool>

    var port: UInt16 { address.port }

    /// Writes are not synced unless a setting says so, only errors are logged, and no collector is looked for.
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
        address = try Self.address(events, formed: configuration.cluster.bootstrapExpect == 1)
        self.directory = directory
        self.events = events
        self.hasEnded = hasEnded
    }

    private static func address(_ events: Mailbox<Event>, formed: Bool) throws -> SocketAddress {
        var address: SocketAddress?
        var isFormed = !formed
        var batch: [Event] = []
        while address == nil || !isFormed {
            precondition(events.takeAll(into: &batch), "a mailbox was closed before its time")
            for event in batch {
                switch event {
                case .listening(let given): address = given
                case .formed: isFormed = true
                case .ended(let error): throw StartError(error ?? "the node ended before it served")
                }
            }
            batch.removeAll()
        }
        guard let address else { throw StartError("the node formed a cluster before it listened") }
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
            node.onBootstrapped = { _ = events.post(.formed, weight: 1) }
            try node.run()
            _ = events.post(.ended(nil), weight: 1)
        } catch {
            _ = started.post(.failure(StartError("\(error)")), weight: 1)
            _ = events.post(.ended("\(error)"), weight: 1)
        }
    }

    deinit { stop() }

    func tellToStop() { stopping.signal() }

    /// Returns when the node has finished what ran and let go of its directory.
    func stop() {
        stopping.signal()
        var nothing: [Bool] = []
        _ = hasEnded.takeAll(into: &nothing)
    }

    /// Which keeps this node alive.
    func client() -> TestClient { TestClient(of: self) }

    /// The sentence with which a node in `directory` does not start; nil when it starts.
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
    /// Waits for the next that is posted. For a mailbox that one thing is posted to at a time.
    fileprivate func takeOne() -> Element {
        var batch: [Element] = []
        guard takeAll(into: &batch), let first = batch.first else { fatalError("a mailbox was closed before its time") }
        return first
    }
}
