internal import Base
internal import Cluster

// The rows of `meta` that `MetaSnapshot` holds: cluster rows, store id, purge marks and hint totals.

extension MetaRow {
    private static let memberPrefix = Array("member/".utf8)

    static let members = (lower: memberPrefix, upper: memberPrefix + [0xFF])

    static func key(_ row: ClusterRow) -> [UInt8] {
        switch row {
        case .record: Array("cluster".utf8)
        case .member(let id): memberPrefix + id.utf8
        case .recovery: Array("recovery".utf8)
        }
    }

    static func member(key: Span<UInt8>) -> NodeID? {
        guard key.count > memberPrefix.count else { return nil }
        return String(validating: Array(copying: key).dropFirst(memberPrefix.count), as: UTF8.self).flatMap(NodeID.init)
    }

    static func storeID(_ bytes: [UInt8]) -> StoreID? {
        guard bytes.count == 16, let high = bytes.span.bigEndian(at: 0, as: UInt64.self),
            let low = bytes.span.bigEndian(at: 8, as: UInt64.self)
        else { return nil }
        return StoreID(high: high, low: low)
    }

    static func storeID(_ id: StoreID) -> [UInt8] { number(id.high) + number(id.low) }
}

// The row in `meta` that holds a partition's purge mark. Its value is the promised clock (8 bytes), up to which late
// writes are rejected, then the purged clock (8 bytes), up to which tombstones have been removed.
extension MetaRow {
    private static let markPrefix = Array("mark/".utf8)

    static let purgeMarks = (lower: markPrefix, upper: markPrefix + [0xFF, 0xFF, 0xFF])

    static func purgeMarkKey(_ partition: PartitionID) -> [UInt8] { markPrefix + number(partition.rawValue) }

    static func purgeMarkValue(_ mark: PurgeMark) -> [UInt8] {
        number(mark.promised.rawValue) + number(mark.purged.rawValue)
    }

    static func purgeMark(key: Span<UInt8>, value: Span<UInt8>) -> (partition: PartitionID, mark: PurgeMark)? {
        guard key.count == markPrefix.count + 2, value.count == 16,
            let partition = key.bigEndian(at: markPrefix.count, as: UInt16.self),
            let promised = value.bigEndian(at: 0, as: UInt64.self),
            let purged = value.bigEndian(at: 8, as: UInt64.self), purged <= promised
        else { return nil }
        return (
            PartitionID(rawValue: partition),
            PurgeMark(
                promised: HybridTimestamp(rawValue: promised), purged: HybridTimestamp(rawValue: purged))
        )
    }
}

// The totals of one target's hints: stored, delivered, superseded, expired, pending, pending bytes (8 each), and while
// a hint is pending, the time since which there has always been one (8). An earlier version did not write the last.
extension MetaRow {
    private static let totalsPrefix = Array("hints/".utf8)
    private static let totalsBytes = 48
    private static let waitingTotalsBytes = 56
    /// The largest number of pending bytes in the hint totals of one target; a row with a larger number is damaged. The
    /// bound keeps the sum over all targets within 64 bits.
    private static let maximumPendingBytes: UInt64 = 1 << 47

    static let hintTotals = (lower: totalsPrefix, upper: totalsPrefix + [0xFF, 0xFF, 0xFF])

    static func totalsKey(_ target: MemberIndex) -> [UInt8] { totalsPrefix + number(UInt16(target.rawValue)) }

    static func totalsValue(_ totals: HintTotals) -> [UInt8] {
        var bytes: [UInt8] = []
        let settled = [totals.delivered, totals.superseded, totals.expired]
        for count in [totals.stored] + settled + [totals.pending, totals.pendingBytes] {
            bytes.appendBigEndian(count)
        }
        if totals.waitingSinceMilliseconds > 0 { bytes.appendBigEndian(totals.waitingSinceMilliseconds) }
        return bytes
    }

    static func totals(key: Span<UInt8>, value: Span<UInt8>) -> (target: MemberIndex, totals: HintTotals)? {
        guard key.count == totalsPrefix.count + 2, [totalsBytes, waitingTotalsBytes].contains(value.count),
            let target = key.bigEndian(at: totalsPrefix.count, as: UInt16.self)
        else { return nil }
        let counts = stride(from: 0, to: value.count, by: 8).compactMap { value.bigEndian(at: $0, as: UInt64.self) }
        let waitingSince = counts.count > 6 ? counts[6] : 0
        guard counts[5] <= maximumPendingBytes, counts.count == 6 || waitingSince > 0,
            let totals = HintTotals(
                stored: counts[0], delivered: counts[1], superseded: counts[2], expired: counts[3],
                pending: counts[4], pendingBytes: counts[5], waitingSinceMilliseconds: waitingSince)
        else { return nil }
        return (MemberIndex(Int(target)), totals)
    }
}
