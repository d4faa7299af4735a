internal import Cluster
internal import Storage

/// A lone node is a cluster of one, formed at its first start and for good. Its record has the shape of any cluster's,
/// so that membership can change later by a record of a higher epoch.
enum ClusterForming {
    /// The stored record, checked against what was given this time; nil when this is the first start.
    static func stored(
        in store: Store, _ configuration: NodeConfiguration
    ) throws(StartError) -> ClusterRecord? {
        guard let bytes = store.clusterRecord else { return nil }
        guard let record = ClusterRecord(decoding: bytes) else {
            throw StartError("the cluster record in \(configuration.dataDirectory) cannot be read by this version")
        }
        if let error = contradiction(record, configuration) { throw error }
        return record
    }

    static func lone(_ store: Store, _ configuration: NodeConfiguration, partitions: Int) -> ClusterRecord {
        var random = SystemRandomNumberGenerator()
        return ClusterRecord(
            clusterID: StoreID(using: &random), epoch: 1,
            members: [.init(nodeID: configuration.nodeID, storeID: store.storeID)], quorums: configuration.quorums,
            partitions: partitions, gcGraceMilliseconds: configuration.gcGraceMilliseconds,
            hintWindowMilliseconds: configuration.hintWindowMilliseconds)
    }

    private static func contradiction(_ record: ClusterRecord, _ configuration: NodeConfiguration) -> StartError? {
        let fixed: [(Setting, stored: UInt64, given: UInt64, unit: String)] = [
            (.readQuorum, UInt64(record.quorums.read), UInt64(configuration.quorums.read), ""),
            (.writeQuorum, UInt64(record.quorums.write), UInt64(configuration.quorums.write), ""),
            (.partitions, UInt64(record.partitions), UInt64(configuration.partitions), ""),
            (.gcGrace, record.gcGraceMilliseconds, configuration.gcGraceMilliseconds, "ms"),
            (.hintWindow, record.hintWindowMilliseconds, configuration.hintWindowMilliseconds, "ms"),
        ]
        let first = fixed.first { configuration.fixedSettingsGiven.contains($0.0) && $0.stored != $0.given }
        return first.map { .contradiction($0.0, stored: "\($0.stored)\($0.unit)", given: "\($0.given)\($0.unit)") }
    }
}
