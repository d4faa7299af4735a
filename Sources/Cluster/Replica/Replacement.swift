// Which of two entries of one key stays: the one rule for every place where writes meet, in memory and on any disk.

extension HeldVersion {
    /// Whether an entry takes the place of `held`: only a strictly newer version does. Two values under one version
    /// are a fault somewhere else; so that replicas agree all the same, the larger checksum wins. It is no different
    /// for an entry of the same batch, which is not on the disk yet. [v12 and v11 in one batch.]
    package func replaces(_ held: HeldVersion, ofSameBatch: Bool = false) -> Bool {
        if ofSameBatch, PlantedFault.olderWinsInBatch.isPlanted { return true }
        return version != held.version ? version > held.version : checksum > held.checksum
    }
}
