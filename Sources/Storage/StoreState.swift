package import Cluster

/// Whether the store accepts writes.
package enum StoreState: Equatable, Sendable {
    case writable
    /// The store refuses writes. Reads are still served where possible. The store tries about once a second to become
    /// writable again.
    case refusing(WriteRefusal)
}
