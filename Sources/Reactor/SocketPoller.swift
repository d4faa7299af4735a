internal import CLibuv

/// The I/O that a descriptor is ready for, or is watched for.
package struct SocketEvents: OptionSet, Sendable {
    package let rawValue: Int32

    package init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    package static let readable = SocketEvents(rawValue: Int32(bitPattern: UV_READABLE.rawValue))
    package static let writable = SocketEvents(rawValue: Int32(bitPattern: UV_WRITABLE.rawValue))
}

/// Watches a socket that something else owns, such as curl or a listener. Level-triggered: the handler runs in every
/// loop iteration in which the descriptor is ready. Close the poller before the descriptor; the descriptor may be
/// closed right after. Loop thread only.
package final class SocketPoller: Handle {
    private let descriptor: Int32
    private var handler: ((Result<SocketEvents, ReactorError>) -> Void)?

    /// Makes a poller for `descriptor` that watches nothing until `start` is called. A poller that remains from an
    /// earlier socket with the same number is closed.
    package init(loop: EventLoop, descriptor: Int32) throws(ReactorError) {
        self.descriptor = descriptor
        super.init(loop: loop, type: UV_POLL)
        loop.evictPoller(of: descriptor)
        try begin(uv_poll_init(loop.raw, poll, descriptor))
        loop.pollers.insert(self, descriptor)
    }

    /// Begins to watch for `interest`, or replaces the interest and the handler. `handler` runs on the loop; after a
    /// failure the poller has stopped. Repeating the same interest costs no system call.
    package func start(
        _ interest: SocketEvents, _ handler: @escaping (Result<SocketEvents, ReactorError>) -> Void
    ) throws(ReactorError) {
        loop.assertOnLoop()
        precondition(isOpen, "a closed poller was started")
        self.handler = handler
        let status = uv_poll_start(poll, interest.rawValue) { poll, status, events in
            owner(poll?.pointee.data, as: SocketPoller.self).report(status, events)
        }
        if status < 0 { throw ReactorError(code: status) }
    }

    /// Stops watching until the next `start`. No effect on a closed poller.
    package func stop() {
        loop.assertOnLoop()
        guard isOpen else { return }
        uv_poll_stop(poll)
    }

    private func report(_ status: Int32, _ events: Int32) {
        precondition(isOpen, "a closed poller was called")
        handler?(status < 0 ? .failure(ReactorError(code: status)) : .success(SocketEvents(rawValue: events)))
    }

    override func willClose() {
        loop.pollers.remove(self, descriptor)
    }

    override func didClose() {
        handler = nil
    }

    private var poll: UnsafeMutablePointer<uv_poll_t> { memory.assumingMemoryBound(to: uv_poll_t.self) }
}

/// Maps each watched descriptor to its poller. The kernel reuses the number of a closed descriptor, and libuv does not
/// accept a socket whose number it still watches. [Curl 7.88 closes a socket that never connected without calling its
/// close callback, and asks only later to stop watching it; in between a connection is accepted under the same number.]
struct DescriptorPollers {
    private struct Entry {
        /// The reference is unowned, because a poller removes itself from this table when it closes, and is freed only
        /// after that.
        unowned let poller: SocketPoller
    }

    private var entries: [Int32: Entry] = [:]

    subscript(descriptor: Int32) -> SocketPoller? { entries[descriptor]?.poller }

    mutating func insert(_ poller: SocketPoller, _ descriptor: Int32) {
        entries[descriptor] = Entry(poller: poller)
    }

    mutating func remove(_ poller: SocketPoller, _ descriptor: Int32) {
        if entries[descriptor]?.poller === poller { entries[descriptor] = nil }
    }
}
