import Base
import Reactor
import Testing

/// An echo server's connection: it sends back everything that it receives, and closes after the peer has closed.
private final class Echo: TCPStreamDelegate {
    var closed: (() -> Void)?
    var failure: ReactorError?

    func stream(_ stream: TCPStream, didRead bytes: Span<UInt8>) {
        stream.write(bytes)
    }

    func streamDidEnd(_ stream: TCPStream) {
        stream.shutdown()
        if stream.pendingWriteBytes == 0 { stream.close() }
    }

    func stream(_ stream: TCPStream, didFail error: ReactorError) {
        failure = error
        stream.close()
    }

    func streamDidWrite(_ stream: TCPStream) {
        if stream.pendingWriteBytes == 0, !stream.isReading { stream.close() }
    }

    func streamDidClose(_ stream: TCPStream) {
        closed?()
    }
}

@Suite struct TCPTests {
    @Test("More bytes than the kernel takes at once are echoed completely")
    func echo() throws {
        let loop = try EventLoop()
        let echo = Echo()
        let listener = try TCPListener(loop: loop, address: SocketAddress("127.0.0.1:0")) { stream in
            #expect(stream.peer?.isLoopback == true)
            stream.start(delegate: echo)
        }
        echo.closed = { listener.close() }
        let port = listener.address.port
        #expect(port != 0)
        let sent = (0..<6_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let received = Mailbox<[UInt8]>(capacity: 1)
        onThread {
            let client = TestClient(port: port)
            onThread {
                client.send(sent)
                client.finishSending()
            }
            _ = received.post(client.receiveToEnd() ?? [], weight: 1)
        }
        loop.run()
        var batch: [[UInt8]] = []
        #expect(received.takeAll(into: &batch))
        #expect(batch[0] == sent)
        #expect(echo.failure == nil)
    }

    @Test("A paused stream reads nothing until it is resumed")
    func pausing() throws {
        let loop = try EventLoop()
        let echo = Echo()
        let timer = Timer(loop: loop)
        let resumed = Mailbox<UInt64>(capacity: 1)
        let listener = try TCPListener(loop: loop, address: SocketAddress("127.0.0.1:0")) { stream in
            stream.start(delegate: echo)
            stream.pauseReading()
            timer.start(afterMilliseconds: 50) {
                _ = resumed.post(EventLoop.monotonicNanoseconds(), weight: 1)
                stream.resumeReading()
                timer.close()
            }
        }
        echo.closed = { listener.close() }
        let port = listener.address.port
        let received = Mailbox<([UInt8], UInt64)>(capacity: 1)
        onThread {
            let client = TestClient(port: port)
            client.send([1, 2, 3])
            let bytes = client.receive() ?? []
            _ = received.post((bytes, EventLoop.monotonicNanoseconds()), weight: 1)
        }
        loop.run()
        var answers: [([UInt8], UInt64)] = []
        var times: [UInt64] = []
        #expect(received.takeAll(into: &answers))
        #expect(resumed.takeAll(into: &times))
        #expect(answers[0].0 == [1, 2, 3])
        #expect(answers[0].1 >= times[0])
    }

    @Test("The peer sees a reset as a reset, and a reset by the peer is reported as a disconnection")
    func resets() throws {
        let loop = try EventLoop()
        var isFirst = true
        let echo = Echo()
        let listener = try TCPListener(loop: loop, address: SocketAddress("127.0.0.1:0")) { stream in
            stream.start(delegate: echo)
            if isFirst { stream.reset() }
            isFirst = false
        }
        let port = listener.address.port
        let seen = Mailbox<[UInt8]?>(capacity: 1)
        echo.closed = {
            guard echo.failure != nil else { return }
            listener.close()
        }
        onThread {
            _ = seen.post(TestClient(port: port).receive(), weight: 1)
            let second = TestClient(port: port)
            second.send([1])
            _ = second.receive()
            second.resetOnClose()
        }
        loop.run()
        var batch: [[UInt8]?] = []
        #expect(seen.takeAll(into: &batch))
        #expect(batch == [nil])
        #expect(echo.failure == .disconnected)
    }

    @Test("A listener reports why it cannot listen")
    func listeningErrors() throws {
        let loop = try EventLoop()
        let first = try TCPListener(loop: loop, address: SocketAddress("127.0.0.1:0")) { $0.close() }
        #expect(throws: ReactorError.addressInUse(first.address.description)) {
            try TCPListener(loop: loop, address: first.address) { $0.close() }
        }
        #expect(throws: ReactorError.addressNotAvailable("192.0.2.1:0")) {
            try TCPListener(loop: loop, address: SocketAddress("192.0.2.1:0")) { $0.close() }
        }
        first.close()
        loop.close()
    }

    @Test("More connections than one iteration accepts are all accepted in several iterations")
    func manyConnections() throws {
        let loop = try EventLoop()
        var accepted = 0
        var iterations = 0
        loop.addIterationHook { _ in iterations += 1 }
        let count = ReactorLimits.acceptsPerIteration * 3
        var close: (() -> Void)?
        let listener = try TCPListener(loop: loop, address: SocketAddress("127.0.0.1:0")) { stream in
            accepted += 1
            stream.close()
            if accepted == count { close?() }
        }
        close = { listener.close() }
        let port = listener.address.port
        let clients = (0..<count).map { _ in TestClient(port: port) }
        loop.run()
        #expect(accepted == clients.count)
        #expect(iterations >= 3)
    }
}
