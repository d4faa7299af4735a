internal import Base
internal import Cluster

/// Reads one page of hints, with an iterator of its own.
struct HintScan {
    private var hints: [Hint] = []
    private var hintsLeft: Int
    private var bytesLeft: Int

    init(limit: Int, maximumBytes: Int) {
        hintsLeft = min(max(limit, 1), StorageLimits.hintRows)
        bytesLeft = min(max(maximumBytes, 1), StorageLimits.hintBytes)
    }

    mutating func hints(
        of target: MemberIndex, after place: RowPlace?, _ database: Database
    ) throws(StoreError) -> [Hint] {
        let range = RowKey.hints(of: target, after: place)
        let rows = database.rows(.hints, lower: range.lower, upper: range.upper)
        rows.seekToFirst()
        // A page of hints may exceed its byte limit by its last hint, so that it has room for any one hint.
        while rows.isAtRow, hintsLeft > 0, bytesLeft > 0 {
            try rows.withRow { row, record throws(StoreError) in try visit(row, record) }
            rows.step(reverse: false)
        }
        do throws(RocksFailure) {
            try rows.check()
        } catch {
            throw StoreError(error)
        }
        return hints
    }

    private mutating func visit(_ row: Span<UInt8>, _ record: Span<UInt8>) throws(StoreError) {
        do throws(HintRecord.Damage) {
            let hint = try HintRecord.hint(row: row, record: record)
            hintsLeft -= 1
            bytesLeft -= hint.weightBytes
            hints.append(hint)
        } catch {
            throw StoreError(error, ofHintAt: row)
        }
    }
}
