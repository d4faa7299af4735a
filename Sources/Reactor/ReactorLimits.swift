/// The limits of the event loop, its listeners and its work queues.
package enum ReactorLimits {
    /// Size of the one read buffer of a loop, which is lent to the stream that is being read.
    package static let readBufferBytes = 65_536
    /// The most connections that a listener accepts in one loop iteration; further ones wait in the kernel for the next
    /// iteration.
    package static let acceptsPerIteration = 64
    /// The most completed connections that the kernel keeps for a listener until they are accepted.
    package static let listenBacklog: Int32 = 1_024
    /// How long a listener stops accepting when the process has run out of descriptors.
    package static let acceptPauseMilliseconds: UInt64 = 100
    /// Jobs of one `WorkQueue` that are waiting, running or not yet completed on the loop.
    package static let pendingJobs = 1_024
}
