#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// How many files and sockets the process may have open. Each connection is one, so a server's bound on connections
/// must leave room below this for everything else.
package enum DescriptorLimit {
    /// Raises the limit as far as the system lets us, and says what it then is.
    package static func raise() -> Int {
        var limit = rlimit()
        guard getrlimit(descriptors, &limit) == 0 else { return 1_024 }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(descriptors, &limit)
        guard getrlimit(descriptors, &limit) == 0 else { return 1_024 }
        return Int(clamping: limit.rlim_cur)
    }
}

#if os(Linux)
private let descriptors = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
#else
private let descriptors = RLIMIT_NOFILE
#endif
