#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// The number of files and sockets that the process may have open (RLIMIT_NOFILE). Each connection takes one, so the
/// limit on connections must leave room below this for everything else.
package enum DescriptorLimit {
    /// Raises the soft limit on open descriptors to the hard limit and returns the limit then in force, or 1,024 if it
    /// cannot be read. May be called on any thread.
    package static func raise() -> Int {
        var limit = rlimit()
        guard getrlimit(descriptors, &limit) == 0 else { return unknown }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(descriptors, &limit)
        return current
    }

    /// The soft limit now in force, which another process can change, or 1,024 if it cannot be read.
    package static var current: Int {
        var limit = rlimit()
        guard getrlimit(descriptors, &limit) == 0 else { return unknown }
        return Int(clamping: limit.rlim_cur)
    }

    private static let unknown = 1_024
}

#if os(Linux)
private let descriptors = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
#else
private let descriptors = RLIMIT_NOFILE
#endif
