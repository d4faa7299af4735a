#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// The data directory in the file system: creating it, checking it, and asking for its free space.
enum DataDirectory {
    struct Space: Equatable {
        let freeBytes: UInt64
        let totalBytes: UInt64
    }

    /// Creates the directory and its parents, and checks that a database can be opened in it.
    static func prepare(_ path: String) throws(StoreOpenError) {
        try create(path)
        var status = stat()
        guard stat(path, &status) == 0 else { throw failure(path, errno) }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw .notADirectory(path: path) }
        guard access(path, R_OK | W_OK | X_OK) == 0 else { throw failure(path, errno) }
        try rejectIncompleteDatabase(path)
    }

    private static func create(_ path: String) throws(StoreOpenError) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: true)
        var prefix = path.hasPrefix("/") ? "/" : ""
        for part in parts {
            prefix += part + "/"
            guard mkdir(prefix, 0o755) != 0, errno != EEXIST, errno != EISDIR else { continue }
            let code = errno
            // On a read-only file system, `mkdir` fails with EROFS even if the directory exists.
            var status = stat()
            guard code == EROFS, stat(prefix, &status) == 0 else { throw failure(path, code) }
        }
    }

    /// Rejects a directory that has database files but no file CURRENT. RocksDB would create a new, empty database in
    /// it.
    private static func rejectIncompleteDatabase(_ path: String) throws(StoreOpenError) {
        guard access(path + "/CURRENT", F_OK) != 0 else { return }
        guard let directory = opendir(path) else { throw failure(path, errno) }
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasPrefix("MANIFEST-") || name.hasSuffix(".sst") {
                throw .damaged(directory: path, why: "it has a file \(name) but no file CURRENT")
            }
        }
    }

    private static func failure(_ path: String, _ code: Int32) -> StoreOpenError {
        switch code {
        case EACCES, EPERM: .notPermitted(path: path)
        case ENOTDIR, EEXIST: .notADirectory(path: path)
        case ENOSPC: .noSpace(directory: path)
        case EROFS: .readOnly(directory: path)
        default: .inputOutput(directory: path, why: String(cString: strerror(code)))
        }
    }

    /// The free and total space of the file system of `path`. Nil when the file system does not report it.
    static func space(_ path: String) -> Space? {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return nil }
        let block = UInt64(status.f_frsize)
        return Space(freeBytes: UInt64(status.f_bavail) * block, totalBytes: UInt64(status.f_blocks) * block)
    }
}
