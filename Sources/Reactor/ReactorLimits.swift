/// The bounds of this module.
package enum ReactorLimits {
    /// One buffer a loop, lent to the stream that is being read.
    package static let readBufferBytes = 65_536
    /// Connections a listener takes in one turn; the others wait in the kernel for the next.
    package static let acceptsPerTurn = 64
    package static let listenBacklog: Int32 = 1_024
    /// How long a listener rests when the process has run out of descriptors.
    package static let acceptPauseMilliseconds: UInt64 = 100
}

/// The bound of one `WorkQueue`. libuv has one thread pool a process, of 4 threads unless `UV_THREADPOOL_SIZE` was set
/// in the environment before the first job of any loop; all work queues share it.
package struct WorkLimits: Sendable {
    /// Jobs handed over and not yet delivered.
    package var maximumPending: Int

    package init(maximumPending: Int = 1_024) {
        self.maximumPending = maximumPending
    }
}
