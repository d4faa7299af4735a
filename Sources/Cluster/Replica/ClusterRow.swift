/// Keys of the metadata that this module stores beside items, tables, hints and purge marks. The store treats the
/// values as opaque bytes.
package enum ClusterRow: Hashable, Sendable {
    /// The cluster record, accepted or final.
    case record
    /// What was last known of the member with this id.
    case member(NodeID)
    /// Whether this store is whole.
    case recovery
}
