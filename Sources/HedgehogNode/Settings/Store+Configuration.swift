internal import Cluster
internal import Storage

extension Store {
    /// Opens the data directory as configured, and says how many partitions it has: those it was made with, unless
    /// others were asked for, which is refused. `wake` as in the store's own `init`.
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
