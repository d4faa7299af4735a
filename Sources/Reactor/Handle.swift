internal import CLibuv

/// The common part of everything a loop watches: one libuv handle, open from init until `close`. Every method of every
/// handle must be called on the loop's thread; calling one elsewhere ends the process. Ownership.swift states what
/// keeps a handle alive.
package class Handle {
    private enum Life { case uninitialised, open, closing, closed }

    package final let loop: EventLoop
    final let memory: UnsafeMutableRawPointer
    private var life = Life.uninitialised

    package final var isOpen: Bool { life == .open }

    init(loop: EventLoop, type: uv_handle_type) {
        self.loop = loop
        memory = Handle.allocate(type)
    }

    /// Makes a handle that owns `memory`, which must come from `allocate`. For a subclass that needs the pointer before
    /// it can call this initializer.
    init(loop: EventLoop, memory: UnsafeMutableRawPointer) {
        self.loop = loop
        self.memory = memory
    }

    static func allocate(_ type: uv_handle_type) -> UnsafeMutableRawPointer {
        .allocate(byteCount: uv_handle_size(type), alignment: 16)
    }

    deinit {
        precondition(life == .uninitialised || life == .closed, "a handle was freed before libuv had closed it")
        memory.deallocate()
    }

    /// Opens the handle. Every subclass calls this once, with the result of libuv's own init function. A failure is
    /// thrown.
    final func begin(_ status: Int32) throws(ReactorError) {
        loop.assertOnLoop()
        precondition(life == .uninitialised, "a handle was initialised twice")
        if status < 0 { throw ReactorError(code: status) }
        life = .open
        raw.pointee.data = retainedPointer(to: self)
    }

    /// Closes the handle. No callback of it follows, except `streamDidClose` of a stream, in a later loop iteration.
    /// Closing twice has no effect.
    package final func close() {
        guard beginClosing() else { return }
        uv_close(raw) { takeOwner($0?.pointee.data, as: Handle.self).finishClosing() }
    }

    private func beginClosing() -> Bool {
        loop.assertOnLoop()
        guard life == .open else { return false }
        life = .closing
        willClose()
        return true
    }

    private func finishClosing() {
        precondition(life == .closing, "libuv closed a handle that was not closing")
        life = .closed
        didClose()
    }

    /// Subclasses override this with what must happen before libuv stops the handle.
    func willClose() {}

    /// Called when libuv has closed the handle. Subclasses override this to release their closures, which may hold the
    /// owner of the handle.
    func didClose() {}

    final var raw: UnsafeMutablePointer<uv_handle_t> { memory.assumingMemoryBound(to: uv_handle_t.self) }
}
