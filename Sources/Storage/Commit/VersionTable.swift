internal import Base
internal import Cluster

/// The marks of recently written entries, so that most writes are judged without asking RocksDB. Bounded: four slots
/// a set, the oldest of a set gives way, and long keys are not kept. Only the commit thread uses it, and it holds
/// nothing that is not on the disk, except while a batch is under way.
struct VersionTable {
    private struct Slot {
        let address: ItemAddress
        var mark: EntryHeader
    }

    private static let ways = 4
    private var slots: [Slot?]
    private var nextVictim: [UInt8]
    private let sets: Int

    init(sets: Int = StorageLimits.versionTableSets) {
        precondition(sets > 0, "a version table needs a set")
        self.sets = sets
        slots = Array(repeating: nil, count: sets * Self.ways)
        nextVictim = Array(repeating: 0, count: sets)
    }

    func mark(of address: ItemAddress, hash: UInt64) -> EntryHeader? {
        slot(of: address, hash: hash).flatMap { slots[$0]?.mark }
    }

    mutating func keep(_ mark: EntryHeader, of address: ItemAddress, hash: UInt64) {
        if let slot = slot(of: address, hash: hash) {
            slots[slot]?.mark = mark
        } else if address.key.bytes.count <= StorageLimits.versionTableKeyBytes {
            let set = set(of: hash)
            let way = Int(nextVictim[set])
            nextVictim[set] = UInt8((way + 1) % Self.ways)
            slots[set * Self.ways + way] = Slot(address: address, mark: mark)
        }
    }

    /// The entry is on the disk no more.
    mutating func forget(_ address: ItemAddress, hash: UInt64) {
        if let slot = slot(of: address, hash: hash) { slots[slot] = nil }
    }

    mutating func forgetAll() {
        self = VersionTable(sets: sets)
    }

    private func set(of hash: UInt64) -> Int { Int(hash % UInt64(sets)) }

    private func slot(of address: ItemAddress, hash: UInt64) -> Int? {
        let first = set(of: hash) * Self.ways
        return (first..<(first + Self.ways)).first { slots[$0]?.address == address }
    }
}
