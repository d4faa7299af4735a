/// Keys of the metadata that this module stores beside items, tables, hints and purge marks. The store treats the
/// values as opaque bytes.
package enum ClusterRow: Hashable, Sendable {
    /// The cluster record: during bootstrap the one that this node has accepted, afterwards the final one.
    case record
    /// The latest known description of one member.
    case member(NodeID)
    /// Whether this store, which is not the one in the cluster record, has been recovered.
    case recovery
}
