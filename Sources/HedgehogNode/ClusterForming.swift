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
        for contradiction in contradictions(record, configuration) {
            throw StartError(
                "--\(contradiction.setting.rawValue) is \(contradiction.given), but this node's cluster was formed with "
                    + "\(contradiction.stored); leave it out or give the same")
        }
        return record
    }

    static func lone(_ store: Store, _ configuration: NodeConfiguration) -> ClusterRecord {
        var random = SystemRandomNumberGenerator()
        return ClusterRecord(
            clusterID: StoreID(using: &random), epoch: 1,
            members: [.init(nodeID: configuration.nodeID, storeID: store.storeID)], quorums: configuration.quorums,
            partitions: configuration.partitions, gcGraceMilliseconds: configuration.gcGraceMilliseconds,
            hintWindowMilliseconds: configuration.hintWindowMilliseconds)
    }

    private struct Contradiction {
        let setting: Setting
        let stored: String
        let given: String
    }

    private static func contradictions(
        _ record: ClusterRecord, _ configuration: NodeConfiguration
    ) -> [Contradiction] {
        let fixed: [(Setting, stored: UInt64, given: UInt64, unit: String)] = [
            (.readQuorum, UInt64(record.quorums.read), UInt64(configuration.quorums.read), ""),
            (.writeQuorum, UInt64(record.quorums.write), UInt64(configuration.quorums.write), ""),
            (.partitions, UInt64(record.partitions), UInt64(configuration.partitions), ""),
            (.gcGrace, record.gcGraceMilliseconds, configuration.gcGraceMilliseconds, "ms"),
            (.hintWindow, record.hintWindowMilliseconds, configuration.hintWindowMilliseconds, "ms"),
        ]
        return fixed.compactMap { setting, stored, given, unit in
            guard configuration.fixedSettingsGiven.contains(setting), stored != given else { return nil }
            return Contradiction(setting: setting, stored: "\(stored)\(unit)", given: "\(given)\(unit)")
        }
    }
}
