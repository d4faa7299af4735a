#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif
import Base
@testable import Reactor
import Testing

/// Hears nothing.
private final class Deaf: TCPStreamDelegate {
    var hasEnded = false
    func stream(_ stream: TCPStream, didRead bytes: Span<UInt8>) {}
    func streamDidEnd(_ stream: TCPStream) {
        hasEnded = true
        stream.close()
    }
    func stream(_ stream: TCPStream, didFail error: ReactorError) {}
    func streamDidWrite(_ stream: TCPStream) {}
    func streamDidClose(_ stream: TCPStream) {}
}

@Suite struct DescriptorReuseTests {
    private func pair() -> (Int32, Int32) {
        var ends: [Int32] = [-1, -1]
        #if os(Linux)
        let status = socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends)
        #else
        let status = socketpair(AF_UNIX, SOCK_STREAM, 0, &ends)
        #endif
        precondition(status == 0, "no pair of sockets")
        return (ends[0], ends[1])
    }

    @Test("A socket that was closed while it was watched does not keep a new one of its number from being served")
    func stalePoller() throws {
        let loop = try EventLoop()
        let old = pair()
        let new = pair()
        let poller = try SocketPoller(loop: loop, descriptor: old.0)
        try poller.start(.readable) { _ in Issue.record("the old socket was reported") }
        // Closes the old socket behind the poller's back, and gives its number to the new one in the same moment.
        #expect(dup2(new.0, old.0) == old.0)
        close(new.0)
        let stream = TCPStream(loop: loop, descriptor: old.0, peer: nil)
        let deaf = Deaf()
        stream.start(delegate: deaf)
        #expect(!poller.isOpen)
        close(new.1)
        loop.run()
        #expect(deaf.hasEnded)
        close(old.1)
    }

    @Test("A poller takes over the number of one that was left behind")
    func pollerAfterPoller() throws {
        let loop = try EventLoop()
        let old = pair()
        let new = pair()
        let left = try SocketPoller(loop: loop, descriptor: old.0)
        try left.start(.readable) { _ in Issue.record("the old socket was reported") }
        #expect(dup2(new.0, old.0) == old.0)
        close(new.0)
        var events = 0
        let poller = try SocketPoller(loop: loop, descriptor: old.0)
        try poller.start(.readable) { _ in
            events += 1
            poller.close()
        }
        #expect(!left.isOpen)
        close(new.1)
        loop.run()
        #expect(events == 1)
        close(old.0)
        close(old.1)
    }
}
