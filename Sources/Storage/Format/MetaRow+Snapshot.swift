internal import Base
internal import Cluster

// The rows of `meta` that the cluster's code asks for, and those of marks and hints.

extension MetaRow {
    // Bytes whose coding is the cluster's affair.

    private static let memberPrefix = Array("member/".utf8)

    static let members = (lower: memberPrefix, upper: memberPrefix + [0xFF])

    static func key(_ row: ClusterRow) -> [UInt8] {
        switch row {
        case .record: Array("cluster".utf8)
        case .member(let id): memberPrefix + id.utf8
        case .recovery: Array("recovery".utf8)
        }
    }

    static func member(key: Span<UInt8>) -> String? {
        guard key.count > memberPrefix.count else { return nil }
        return String(validating: Array(copying: key).dropFirst(memberPrefix.count), as: UTF8.self)
    }

    static func storeID(_ bytes: [UInt8]) -> StoreID? {
        guard bytes.count == 16, let high = bytes.span.bigEndian(at: 0, as: UInt64.self),
            let low = bytes.span.bigEndian(at: 8, as: UInt64.self)
        else { return nil }
        return StoreID(high: high, low: low)
    }

    static func storeID(_ id: StoreID) -> [UInt8] { number(id.high) + number(id.low) }
}

// A purge mark: promised (8), purged (8).
extension MetaRow {
    private static let markPrefix = Array("mark/".utf8)

    static let marks = (lower: markPrefix, upper: markPrefix + [0xFF, 0xFF, 0xFF])

    static func markKey(_ partition: UInt16) -> [UInt8] { markPrefix + number(partition) }

    static func markValue(_ mark: PurgeMark) -> [UInt8] {
        number(mark.promised.rawValue) + number(mark.purged.rawValue)
    }

    static func mark(key: Span<UInt8>, value: Span<UInt8>) -> (partition: UInt16, mark: PurgeMark)? {
        guard key.count == markPrefix.count + 2, value.count == 16,
            let partition = key.bigEndian(at: markPrefix.count, as: UInt16.self),
            let promised = value.bigEndian(at: 0, as: UInt64.self),
            let purged = value.bigEndian(at: 8, as: UInt64.self), purged <= promised
        else { return nil }
        return (
            partition,
            PurgeMark(
                promised: HybridTimestamp(rawValue: promised), purged: HybridTimestamp(rawValue: purged))
        )
    }
}

// The account of one target's hints: stored, delivered, superseded, expired, pending, pending bytes, and while any is
// pending, since when one has been (8 each). The last is missing where a version wrote it that did not know of it.
extension MetaRow {
    private static let totalsPrefix = Array("hints/".utf8)
    private static let totalsBytes = 48
    private static let waitingTotalsBytes = 56
    /// More than this is damage. It keeps the sum over all targets within 64 bits.
    private static let maximumPendingBytes: UInt64 = 1 << 47

    static let hintTotals = (lower: totalsPrefix, upper: totalsPrefix + [0xFF, 0xFF, 0xFF])

    static func totalsKey(_ target: Int) -> [UInt8] { totalsPrefix + number(UInt16(target)) }

    static func totalsValue(_ totals: HintTotals) -> [UInt8] {
        var bytes: [UInt8] = []
        let settled = [totals.delivered, totals.superseded, totals.expired]
        for count in [totals.stored] + settled + [totals.pending, totals.pendingBytes] {
            bytes.appendBigEndian(count)
        }
        if totals.waitingSinceMilliseconds > 0 { bytes.appendBigEndian(totals.waitingSinceMilliseconds) }
        return bytes
    }

    static func totals(key: Span<UInt8>, value: Span<UInt8>) -> (target: Int, totals: HintTotals)? {
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
        return (Int(target), totals)
    }
}
