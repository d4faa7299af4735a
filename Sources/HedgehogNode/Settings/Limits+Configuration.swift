internal import HTTPServer
internal import Storage

extension HTTPServerLimits {
    func with(_ configuration: NodeConfiguration) -> HTTPServerLimits {
        var limits = self
        limits.maximumConnections = configuration.maximumConnections
        limits.idleMilliseconds = configuration.idleTimeoutMilliseconds
        return limits
    }
}

extension StoreOptions {
    /// The interval between syncs under `--sync interval`.
    private static let syncIntervalMilliseconds = 1000

    init(_ configuration: NodeConfiguration, partitions: Int) {
        self.init()
        blockCacheBytes = configuration.blockCacheBytes
        hintBudgetBytes = configuration.hintBudgetBytes
        openFiles = configuration.descriptors.storeFiles
        self.partitions = partitions
        sync = configuration.sync == .always ? .always : .interval(milliseconds: Self.syncIntervalMilliseconds)
    }
}
