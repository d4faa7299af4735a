internal import Base
internal import Cluster

/// A cache of the headers of recently written entries, so that most writes are judged without a RocksDB lookup. It is
/// set-associative with four slots a set; a new entry replaces the oldest of its set. Entries with long keys are not
/// cached. It holds what is on the disk or in the batch under way; belongs to the commit thread.
struct VersionTable {
    private struct Slot {
        let address: ItemAddress
        var header: EntryHeader
    }

    private static let ways = 4
    private var slots: [Slot?]
    private var nextVictim: [UInt8]
    private let sets: Int

    init(sets: Int = StorageLimits.versionTableSets) {
        precondition(sets > 0, "a version table needs at least one set")
        self.sets = sets
        slots = Array(repeating: nil, count: sets * Self.ways)
        nextVictim = Array(repeating: 0, count: sets)
    }

    func header(of address: ItemAddress, hash: UInt64) -> EntryHeader? {
        slot(of: address, hash: hash).flatMap { slots[$0]?.header }
    }

    mutating func store(_ header: EntryHeader, of address: ItemAddress, hash: UInt64) {
        if let slot = slot(of: address, hash: hash) {
            slots[slot]?.header = header
        } else if address.key.bytes.count <= StorageLimits.versionTableKeyBytes {
            let set = set(of: hash)
            let way = Int(nextVictim[set])
            nextVictim[set] = UInt8((way + 1) % Self.ways)
            slots[set * Self.ways + way] = Slot(address: address, header: header)
        }
    }

    mutating func remove(_ address: ItemAddress, hash: UInt64) {
        if let slot = slot(of: address, hash: hash) { slots[slot] = nil }
    }

    mutating func removeAll() {
        self = VersionTable(sets: sets)
    }

    private func set(of hash: UInt64) -> Int { Int(hash % UInt64(sets)) }

    private func slot(of address: ItemAddress, hash: UInt64) -> Int? {
        let first = set(of: hash) * Self.ways
        return (first..<(first + Self.ways)).first { slots[$0]?.address == address }
    }
}
