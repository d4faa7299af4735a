#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif
import Base
@testable import Reactor
import Testing

/// A stream delegate that records only the end of the stream and ignores everything else.
private final class EndRecorder: TCPStreamDelegate {
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
        precondition(status == 0, "socketpair failed")
        return (ends[0], ends[1])
    }

    @Test("A socket that was closed while watched does not keep a new socket with its number from being served")
    func stalePoller() throws {
        let loop = try EventLoop()
        let old = pair()
        let new = pair()
        let poller = try SocketPoller(loop: loop, descriptor: old.0)
        try poller.start(.readable) { _ in Issue.record("the old socket was reported") }
        // Closes the old socket without closing its poller, and gives its number to the new one at the same time.
        #expect(dup2(new.0, old.0) == old.0)
        close(new.0)
        let stream = TCPStream(loop: loop, descriptor: old.0, peer: nil)
        let recorder = EndRecorder()
        stream.start(delegate: recorder)
        #expect(!poller.isOpen)
        close(new.1)
        loop.run()
        #expect(recorder.hasEnded)
        close(old.1)
    }

    @Test("A poller replaces one that was left open for a closed socket with the same number")
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
