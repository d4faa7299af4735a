internal import HTTPServer
internal import Storage

extension HTTPServerLimits {
    func with(_ configuration: NodeConfiguration) -> HTTPServerLimits {
        var limits = self
        limits.maximumConnections = configuration.maximumConnections
        return limits
    }
}

extension StoreOptions {
    /// How often the disk is told under `--sync interval`.
    private static let syncIntervalMilliseconds = 1000

    init(_ configuration: NodeConfiguration, partitions: Int) {
        self.init()
        blockCacheBytes = configuration.blockCacheBytes
        hintBudgetBytes = configuration.hintBudgetBytes
        self.partitions = partitions
        sync = configuration.sync == .always ? .always : .interval(milliseconds: Self.syncIntervalMilliseconds)
    }
}
