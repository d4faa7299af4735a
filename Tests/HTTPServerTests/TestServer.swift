import Base
import HTTP
import HTTPServer
import Reactor

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A server on a thread and a loop of its own. Tests are its clients, and may look inside between two events.
final class TestServer: Sendable {
    typealias Visit = @Sendable (Server, TestHandler, EventLoop) -> Void

    let port: UInt16
    private let visits: Mailbox<Visit>
    private let wakeup: Wakeup
    private let ended: Mailbox<Bool>

    init(limits: HTTPServerLimits = .quick, parserLimits: HTTPLimits = .standard) {
        let visits = Mailbox<Visit>(capacity: 100)
        let started = Mailbox<(UInt16, Wakeup)>(capacity: 1)
        let ended = Mailbox<Bool>(capacity: 1)
        onThread {
            do {
                try TestServer.run(limits, parserLimits, visits, started)
            } catch {
                fatalError("the test server did not start: \(error)")
            }
            _ = ended.post(true, weight: 1)
        }
        (port, wakeup) = started.takeOne()
        self.visits = visits
        self.ended = ended
    }

    deinit {
        visit { server, _, loop in
            server.closeRemaining()
            loop.stop()
        }
        _ = ended.takeOne()
    }

    /// Runs `body` on the loop and waits for its value.
    func inside<Value: Sendable>(_ body: @escaping @Sendable (Server, TestHandler) -> Value) -> Value {
        let answer = Mailbox<Value>(capacity: 1)
        visit { server, handler, _ in _ = answer.post(body(server, handler), weight: 1) }
        return answer.takeOne()
    }

    /// Waits until `condition` holds inside; false when it does not within twenty seconds.
    func eventually(_ condition: @escaping @Sendable (Server, TestHandler) -> Bool) -> Bool {
        let start = EventLoop.monotonicNanoseconds()
        while EventLoop.monotonicNanoseconds() - start < 20_000_000_000 {
            if inside(condition) { return true }
            usleep(1_000)
        }
        return false
    }

    /// Holds the loop while it runs `first`, then begins to drain. The closure returned waits for the end.
    func drain(after first: @escaping @Sendable () -> Void = {}) -> @Sendable () -> Void {
        let done = Mailbox<Bool>(capacity: 1)
        visit { server, _, _ in
            first()
            server.drain { _ = done.post(true, weight: 1) }
        }
        return { _ = done.takeOne() }
    }

    var log: [String] { inside { $1.log } }

    private func visit(_ body: @escaping Visit) {
        _ = visits.post(body, weight: 1)
        wakeup.signal()
    }

    private static func run(
        _ limits: HTTPServerLimits, _ parserLimits: HTTPLimits, _ visits: Mailbox<Visit>,
        _ started: Mailbox<(UInt16, Wakeup)>
    ) throws {
        let loop = try EventLoop()
        let handler = TestHandler(loop: loop)
        let server = Server(loop: loop, limits: limits, parserLimits: parserLimits, handler: handler)
        let address = try server.listen(on: SocketAddress("127.0.0.1:0"))
        let listener = try WakeupListener(loop: loop) {
            guard visits.weight > 0 else { return }
            var batch: [Visit] = []
            _ = visits.takeAll(into: &batch)
            for visit in batch { visit(server, handler, loop) }
        }
        _ = started.post((address.port, listener.wakeup), weight: 1)
        loop.run()
        loop.close()
    }
}

extension HTTPServerLimits {
    /// The clock is looked at every 10 ms, so that a test of a short limit is short.
    static var quick: HTTPServerLimits {
        var limits = HTTPServerLimits()
        limits.tickMilliseconds = 10
        return limits
    }
}

extension Mailbox {
    /// Waits for what was posted. For a mailbox that one thing is posted to.
    func takeOne() -> Element {
        var batch: [Element] = []
        guard takeAll(into: &batch), batch.count == 1 else { fatalError("one answer was expected, not \(batch.count)") }
        return batch[0]
    }
}

private func onThread(_ body: @escaping @Sendable () -> Void) {
    final class Box: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    pthread_create(
        &thread, nil,
        { pointer in
            if let pointer { Unmanaged<Box>.fromOpaque(pointer).takeRetainedValue().body() }
            return nil
        }, Unmanaged.passRetained(Box(body)).toOpaque())
    pthread_detach(thread)
}
