internal import CLibuv

/// What a descriptor is ready for, or is watched for.
package struct Readiness: OptionSet, Sendable {
    package let rawValue: Int32

    package init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    package static let readable = Readiness(rawValue: Int32(bitPattern: UV_READABLE.rawValue))
    package static let writable = Readiness(rawValue: Int32(bitPattern: UV_WRITABLE.rawValue))
}

/// Watches a socket that something else owns: curl's, or a listener's. Level-triggered: it calls back in every turn in
/// which the descriptor is ready. Close the poller before the descriptor; the descriptor may be closed right after.
package final class SocketPoller: Handle {
    private let descriptor: Int32
    private var handler: ((Result<Readiness, ReactorError>) -> Void)?

    /// A poller left from an earlier socket of the same number is closed.
    package init(loop: EventLoop, descriptor: Int32) throws(ReactorError) {
        self.descriptor = descriptor
        super.init(loop: loop, type: UV_POLL)
        loop.evictPoller(of: descriptor)
        try begin(uv_poll_init(loop.raw, poll, descriptor))
        loop.pollers.enter(self, descriptor)
    }

    /// Replaces the interest and the handler. The same interest again costs no system call.
    package func start(
        _ interest: Readiness, _ handler: @escaping (Result<Readiness, ReactorError>) -> Void
    ) throws(ReactorError) {
        precondition(isOpen, "a closed poller was started")
        self.handler = handler
        let status = uv_poll_start(poll, interest.rawValue) { poll, status, events in
            owner(poll?.pointee.data, as: SocketPoller.self).report(status, events)
        }
        if status < 0 { throw ReactorError(code: status) }
    }

    package func stop() {
        guard isOpen else { return }
        uv_poll_stop(poll)
    }

    private func report(_ status: Int32, _ events: Int32) {
        precondition(isOpen, "a closed poller was called")
        handler?(status < 0 ? .failure(ReactorError(code: status)) : .success(Readiness(rawValue: events)))
    }

    override func willClose() {
        loop.pollers.leave(self, descriptor)
    }

    override func didClose() {
        handler = nil
    }

    private var poll: UnsafeMutablePointer<uv_poll_t> { memory.assumingMemoryBound(to: uv_poll_t.self) }
}

/// Which poller watches which descriptor. The kernel gives a number again once it is closed, and libuv takes no socket
/// whose number it still watches. [Curl 7.88 closes a socket that never connected without a word, and tells only some
/// time after that it is not to be watched; meanwhile a connection was accepted under its number.]
struct DescriptorPollers {
    private struct Entry {
        unowned let poller: SocketPoller
    }

    private var entries: [Int32: Entry] = [:]

    subscript(descriptor: Int32) -> SocketPoller? { entries[descriptor]?.poller }

    mutating func enter(_ poller: SocketPoller, _ descriptor: Int32) {
        entries[descriptor] = Entry(poller: poller)
    }

    mutating func leave(_ poller: SocketPoller, _ descriptor: Int32) {
        if entries[descriptor]?.poller === poller { entries[descriptor] = nil }
    }
}
