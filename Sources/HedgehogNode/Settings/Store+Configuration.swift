internal import Cluster
internal import Storage

extension Store {
    /// Opens the configured data directory and returns the store with its number of partitions. An existing directory
    /// keeps the number that it was created with, and a different number in the configuration is an error. `wake` is
    /// passed to the store's `init`. Throws `StoreOpenError` or `StartError`.
    static func open(
        _ configuration: NodeConfiguration, wake: @escaping @Sendable () -> Void
    ) throws -> (store: Store, partitions: Int) {
        func open(partitions: Int) throws(StoreOpenError) -> (Store, Int) {
            let store = try Store(
                directory: configuration.dataDirectory, nodeID: configuration.nodeID,
                options: StoreOptions(configuration, partitions: partitions), wake: wake)
            return (store, partitions)
        }
        do throws(StoreOpenError) {
            return try open(partitions: configuration.cluster.partitions)
        } catch .otherPartitions(_, let stored, let given) {
            guard !configuration.cluster.fixedSettingsGiven.contains(.partitions) else {
                throw StartError(ClusterRecord.contradiction(.partitions, "\(given)", "\(stored)"))
            }
            return try open(partitions: stored)
        }
    }
}
