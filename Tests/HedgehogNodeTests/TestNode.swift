import Base
import Foundation
import HTTPServer
import Reactor

@testable import HedgehogNode

/// A whole node on a thread and a loop of its own, as the executable runs it but for the signals. It serves when `init`
/// returns, and is stopped at the end if the test has not done so.
final class TestNode: Sendable {
    private enum Event: Sendable {
        case serving(SocketAddress)
        /// With what kept it from serving, if something did.
        case ended(String?)
    }

    let directory: TestDirectory
    let address: SocketAddress
    private let stopping: Wakeup
    private let events: Mailbox<Event>
    private let hasEnded: Mailbox<Bool>

    var port: UInt16 { address.port }

    /// Writes are not synced unless a setting says so, and only errors are logged.
    init(
        in directory: TestDirectory = TestDirectory(), _ settings: [Setting: String] = [:],
        limits: ServerLimits = ServerLimits(), logDescriptor: Int32 = 1
    ) throws {
        let configuration = try NodeConfiguration(
            from: SettingSources(
                flags: Self.standard(directory).merging(settings) { $1 }, environment: [:], file: [:]),
            terminalOutput: false, descriptorLimit: 4096)
        let events = Mailbox<Event>(capacity: 2)
        let started = Mailbox<Result<Wakeup, StartError>>(capacity: 1)
        let hasEnded = Mailbox<Bool>(capacity: 1)
        let thread = WorkerThread {
            Self.run(configuration, limits, logDescriptor, started, events)
            hasEnded.close()
        }
        precondition(thread != nil, "there is no thread for a node")
        stopping = try started.takeOne().get()
        switch events.takeOne() {
        case .serving(let address): self.address = address
        case .ended(let error): throw StartError(error ?? "the node ended before it served")
        }
        self.directory = directory
        self.events = events
        self.hasEnded = hasEnded
    }

    private static func standard(_ directory: TestDirectory) -> [Setting: String] {
        [
            .bind: "127.0.0.1:0", .dataDirectory: directory.path, .sync: "interval", .logLevel: "error",
            .accessLog: "off", .blockCache: "1MiB", .maximumConnections: "200",
        ]
    }

    private static func run(
        _ configuration: NodeConfiguration, _ limits: ServerLimits, _ logDescriptor: Int32,
        _ started: Mailbox<Result<Wakeup, StartError>>, _ events: Mailbox<Event>
    ) {
        do {
            let node = try Node(configuration, logDescriptor: logDescriptor, limits: limits)
            _ = started.post(.success(node.stopping), weight: 1)
            node.onServing = { _ = events.post(.serving($0), weight: 1) }
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
