/// How the process's limit on open files is divided between the store's files, client connections and the rest.
package struct DescriptorBudget: Equatable, Sendable {
    /// The default of `--max-connections`, if the process's limit on open files allows so many.
    static let standardConnections = 10_000

    /// The file descriptors reserved for the log, the event loop, connections to peers and RocksDB's own logs.
    private static let other = 128
    private static let storeFilesRange = 64...512
    private static let minimumConnections = 16
    private static let minimumLimit = 128

    /// The number of table files that RocksDB may keep open.
    let storeFiles: Int
    /// The largest allowed `--max-connections`.
    let connections: Int

    /// Divides the process's limit on open files between the store's files and connections. Throws if a node needs a
    /// higher limit than `limit`.
    init(limit: Int) throws(ConfigurationError) {
        guard limit >= Self.minimumLimit else {
            throw ConfigurationError(
                "the limit on open files is \(limit), and a node needs \(Self.minimumLimit) at least; "
                    + Self.advice(Self.limit(for: Self.standardConnections)))
        }
        storeFiles = min(max(limit / 2, Self.storeFilesRange.lowerBound), Self.storeFilesRange.upperBound)
        connections = max(Self.minimumConnections, limit - storeFiles - Self.other)
    }

    /// The warning for an operator if `limit`, the limit on open files now in force, is too low for
    /// `maximumConnections` connections, or for the default number of them if `isDefault`; nil if it suffices.
    static func warning(limit: Int, maximumConnections: Int, isDefault: Bool) -> String? {
        let wanted = isDefault ? standardConnections : maximumConnections
        let needed = Self.limit(for: wanted)
        guard limit < needed else { return nil }
        return "the limit on open files is \(limit), less than \(wanted) connections and the store's files need; "
            + "at most \(maximumConnections) connections are accepted; " + advice(needed)
    }

    private static func limit(for connections: Int) -> Int { other + storeFilesRange.upperBound + connections }

    private static func advice(_ needed: Int) -> String {
        "raise it to \(needed) (ulimit -n \(needed), or LimitNOFILE=\(needed) for systemd) and restart the node"
    }
}
