// The rule that decides which of two entries of one key is kept. It is used in memory and on disk, on all nodes.

extension HeldVersion {
    /// Whether this entry replaces `held`: only if its version is newer. Two values with the same version indicate a
    /// defect elsewhere; the one with the larger checksum is kept then, so that replicas still converge. The rule also
    /// applies to an earlier entry of the same batch, which is not on disk yet. [v12 and then v11 arrive in one batch.]
    package func replaces(_ held: HeldVersion, ofSameBatch: Bool = false) -> Bool {
        if ofSameBatch, PlantedFault.olderWinsInBatch.isPlanted { return true }
        return version != held.version ? version > held.version : checksum > held.checksum
    }
}
