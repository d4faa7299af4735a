internal import CLibuv

/// What is common to everything a loop watches: one libuv handle, open from init until `close`. Loop-bound: every
/// method of every handle is for the thread that runs the loop. See Ownership.swift for who keeps what alive.
package class Handle {
    private enum Life { case unborn, open, closing, closed }

    package final let loop: EventLoop
    final let memory: UnsafeMutableRawPointer
    private var life = Life.unborn

    package final var isOpen: Bool { life == .open }

    init(loop: EventLoop, type: uv_handle_type) {
        self.loop = loop
        memory = Handle.allocate(type)
    }

    /// `memory` comes from `allocate`; for a subclass that must know it before it calls this.
    init(loop: EventLoop, memory: UnsafeMutableRawPointer) {
        self.loop = loop
        self.memory = memory
    }

    static func allocate(_ type: uv_handle_type) -> UnsafeMutableRawPointer {
        .allocate(byteCount: uv_handle_size(type), alignment: 16)
    }

    deinit {
        precondition(life == .unborn || life == .closed, "a handle died before libuv had let go of it")
        memory.deallocate()
    }

    /// Every subclass calls this once, with the result of libuv's own init function.
    final func begin(_ status: Int32) throws(ReactorError) {
        precondition(life == .unborn, "a handle is initialised once")
        if status < 0 { throw ReactorError(code: status) }
        life = .open
        raw.pointee.data = retainedPointer(to: self)
    }

    /// No callback of this handle comes after this, except a stream's `streamDidClose`. Closing twice is harmless.
    package final func close() {
        guard beginClosing() else { return }
        uv_close(raw) { takeOwner($0?.pointee.data, as: Handle.self).finishClosing() }
    }

    final func beginClosing() -> Bool {
        guard life == .open else { return false }
        life = .closing
        willClose()
        return true
    }

    final func finishClosing() {
        precondition(life == .closing, "libuv closed a handle that nobody had asked to close")
        life = .closed
        didClose()
    }

    /// For subclasses: what must happen before libuv stops the handle.
    func willClose() {}

    /// For subclasses: let go of the closures, which may hold whoever holds this handle.
    func didClose() {}

    final var raw: UnsafeMutablePointer<uv_handle_t> { memory.assumingMemoryBound(to: uv_handle_t.self) }
}
