internal import Base

/// The stored knowledge of one node about another member: its address and the latest known state of its disk. After a
/// restart this shows whether the other member's disk was lost or rolled back.
struct PersistedMember: Equatable, Sendable {
    var description: NodeDescription
    /// The store ids that the member had before and has replaced, oldest first. A process that serves from one of them
    /// is rejected.
    var retired: [StoreID] = []

    mutating func retire(_ store: StoreID) {
        retired.removeAll { $0 == store }
        retired.append(store)
        if retired.count > MembershipLimits.retiredStores { retired.removeFirst() }
    }
}

// The encoding of `PersistedMember` on disk, field sizes in bytes: format (1), the node's description as in gossip,
// retired stores (count 1, 16 each).
extension PersistedMember {
    private static let format: UInt8 = 1

    var encoded: [UInt8] {
        var bytes: [UInt8] = [Self.format]
        description.append(to: &bytes)
        bytes.append(UInt8(retired.count))
        for store in retired { store.append(to: &bytes) }
        return bytes
    }

    /// Decodes what the store holds about a member. Nil for bytes that this program version cannot read; this node then
    /// learns of the member from gossip again.
    init?(decoding bytes: [UInt8]) {
        var reader = WireReader(bytes, end: bytes.count)
        do throws(WireError) {
            guard try reader.integer(UInt8.self, .header) == Self.format else { return nil }
            let description = try NodeDescription(reading: &reader)
            let count = try reader.count(
                UInt8.self, .storeID, limit: MembershipLimits.retiredStores, eachBytes: StoreID.byteCount)
            var retired: [StoreID] = []
            for _ in 0..<count { retired.append(try reader.storeID()) }
            try reader.finish()
            self.init(description: description, retired: retired)
        } catch {
            return nil
        }
    }
}

extension ClusterNode {
    /// The latest state of a member's disk that a stored row contains; nil for bytes that cannot be read.
    package static func latestState(
        in row: [UInt8]
    ) -> (storeID: StoreID, bootCounter: UInt64, durableSequence: UInt64)? {
        PersistedMember(decoding: row).map {
            ($0.description.storeID, $0.description.bootCounter, $0.description.durableSequence)
        }
    }
}

/// The row that records that a store, although it is not the one of the cluster record, has completed its recovery.
enum RecoveryRow {
    private static let format: UInt8 = 1

    static func complete(_ store: StoreID) -> [UInt8] {
        var bytes: [UInt8] = [format]
        store.append(to: &bytes)
        return bytes
    }

    static func says(_ bytes: [UInt8]?, isComplete store: StoreID) -> Bool { bytes == complete(store) }
}
