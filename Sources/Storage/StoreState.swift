package import Cluster

/// Whether writes are taken.
package enum StoreState: Equatable, Sendable {
    case writable
    /// Reads go on where they can; the store tries about once a second to become writable again by itself.
    case refusing(WriteRefusal)
}
