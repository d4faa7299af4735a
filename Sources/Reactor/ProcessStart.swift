#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// Makes a server process independent of what it inherits from its parent: standard descriptors that may be closed,
/// signals that may be blocked, and the default action of most signals, which is to end the process.
package enum ProcessStart {
    /// Opens the standard descriptors that are closed, and ignores signals that would end the process needlessly. Must
    /// be called first in a program, before any file or socket is opened and before any thread is started.
    package static func prepare() {
        occupyStandardDescriptors()
        ignoreSignals()
    }

    /// Opens the root directory in place of each standard descriptor that is closed. The next file that the process
    /// opens would otherwise get its number. [Started with a closed standard output, a node wrote its log lines into a
    /// file of RocksDB.] Reading from and writing to a directory fail, so lost log lines are still counted.
    private static func occupyStandardDescriptors() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 && errno == EBADF {
            // `open` returns the lowest free descriptor. All lower ones are open at this point, so it returns this one.
            _ = open("/", O_RDONLY)
        }
    }

    /// Ignores the signals that would end the process by default and have no meaning for it. SIGTERM and SIGINT are
    /// handled by a `SignalWatcher`. SIGKILL, SIGQUIT and the signals of program errors keep their default action. A
    /// blocked signal is unblocked, because it was the parent process that blocked it.
    private static func ignoreSignals() {
        var ignored: [Int32] = [SIGHUP, SIGPIPE, SIGALRM, SIGUSR1, SIGUSR2, SIGXFSZ, SIGVTALRM, SIGPROF, SIGIO]
        #if os(Linux)
        ignored += [SIGPWR, SIGSTKFLT] + Array(__libc_current_sigrtmin()...__libc_current_sigrtmax())
        #endif
        for number in ignored { signal(number, SIG_IGN) }
        var none = sigset_t()
        sigemptyset(&none)
        sigprocmask(SIG_SETMASK, &none, nil)
    }
}
