#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// The directory as the file system knows it.
enum DataDirectory {
    struct Space: Equatable {
        let freeBytes: UInt64
        let totalBytes: UInt64
    }

    /// Makes the directory and its parents, and checks that a database can live there.
    static func prepare(_ path: String) throws(StoreOpenError) {
        try make(path)
        var status = stat()
        guard stat(path, &status) == 0 else { throw failure(path, errno) }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw .notADirectory(path: path) }
        guard access(path, R_OK | W_OK | X_OK) == 0 else { throw .notPermitted(path: path) }
        try refuseRemains(path)
    }

    private static func make(_ path: String) throws(StoreOpenError) {
        let parts = path.split(separator: "/", omittingEmptySubsequences: true)
        var made = path.hasPrefix("/") ? "/" : ""
        for part in parts {
            made += part + "/"
            if mkdir(made, 0o755) != 0, errno != EEXIST, errno != EISDIR, errno != EROFS {
                throw failure(path, errno)
            }
        }
    }

    /// RocksDB takes a directory without a CURRENT file for a new one, even if tables lie in it.
    private static func refuseRemains(_ path: String) throws(StoreOpenError) {
        guard access(path + "/CURRENT", F_OK) != 0 else { return }
        guard let directory = opendir(path) else { throw failure(path, errno) }
        defer { closedir(directory) }
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasPrefix("MANIFEST-") || name.hasSuffix(".sst") {
                throw .damaged(directory: path, why: "it holds \(name) but no file CURRENT")
            }
        }
    }

    private static func failure(_ path: String, _ code: Int32) -> StoreOpenError {
        switch code {
        case EACCES, EPERM: .notPermitted(path: path)
        case ENOTDIR, EEXIST: .notADirectory(path: path)
        case ENOSPC: .noSpace(directory: path)
        default: .inputOutput(directory: path, why: String(cString: strerror(code)))
        }
    }

    /// Nil when the file system does not say.
    static func space(_ path: String) -> Space? {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return nil }
        let block = UInt64(status.f_frsize)
        return Space(freeBytes: UInt64(status.f_bavail) * block, totalBytes: UInt64(status.f_blocks) * block)
    }
}
