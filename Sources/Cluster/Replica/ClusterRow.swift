/// What the cluster's code keeps in a store beside items, tables, hints and marks: bytes whose coding is its own
/// affair.
package enum ClusterRow: Hashable, Sendable {
    /// The cluster record, accepted or formed.
    case record
    /// What was last known of the member with this id.
    case member(NodeID)
    /// Whether this store is whole.
    case recovery
}
