internal import Cluster

extension ClusterRecord {
    /// Returns a sentence with the first explicitly given setting that differs from the cluster record, with both
    /// values; nil if there is none. `ours` is the number of partitions of the data directory.
    func contradiction(of cluster: ClusterConfiguration, partitions ours: Int) -> String? {
        let given: [(Setting, stored: UInt64, given: UInt64, unit: String)] = [
            (.bootstrapExpect, UInt64(members.count), UInt64(cluster.bootstrapExpect), ""),
            (.replicas, UInt64(quorums.replicas), UInt64(min(cluster.replicas, members.count)), ""),
            (.readQuorum, UInt64(quorums.read), UInt64(cluster.readQuorum ?? quorums.read), ""),
            (.writeQuorum, UInt64(quorums.write), UInt64(cluster.writeQuorum ?? quorums.write), ""),
            (.gcGrace, gcGraceMilliseconds, cluster.gcGraceMilliseconds, "ms"),
            (.hintWindow, hintWindowMilliseconds, cluster.hintWindowMilliseconds, "ms"),
        ]
        if let first = given.first(where: { cluster.fixedSettingsGiven.contains($0.0) && $0.stored != $0.given }) {
            return Self.contradiction(first.0, "\(first.given)\(first.unit)", "\(first.stored)\(first.unit)")
        }
        return partitions == ours ? nil : Self.contradiction(.partitions, "\(ours)", "\(partitions)")
    }

    static func contradiction(_ setting: Setting, _ given: String, _ stored: String) -> String {
        "--\(setting.rawValue) is \(given), but the cluster's bootstrap fixed it at \(stored); "
            + "remove the setting or give the same value"
    }
}
