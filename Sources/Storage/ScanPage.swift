internal import Base
package import Cluster

package struct ScanPage: Sendable {
    package struct Entry: Equatable, Sendable {
        package let key: ItemKey
        /// Its value is empty when only keys were asked for.
        package let item: StoredItem
    }

    package private(set) var entries: [Entry] = []
    /// The last key visited, to be the next request's `after`; nil once the range is exhausted.
    package private(set) var next: ItemKey?

    /// An iterator of its own for each page: nothing holds an old state of the store between pages.
    init(_ request: ScanRequest, _ database: Database) throws(StoreError) {
        let bounds = request.rowBounds
        guard bounds.lower.lexicographicallyPrecedes(bounds.upper) else { return }
        let rows = database.rows(.items, lower: bounds.lower, upper: bounds.upper)
        request.reverse ? rows.seekToLast() : rows.seekToFirst()
        var allowance = Allowance(request)
        var lastVisited: ItemKey?
        while rows.isAtRow, !allowance.isSpent {
            lastVisited = try rows.withRow { key, record throws(StoreError) in
                try visit(key, record, request, &allowance)
            }
            rows.step(reverse: request.reverse)
        }
        do throws(RocksFailure) {
            try rows.check()
        } catch {
            throw StoreError(error)
        }
        if rows.isAtRow { next = lastVisited }
    }

    private mutating func visit(
        _ row: Span<UInt8>, _ record: Span<UInt8>, _ request: ScanRequest, _ allowance: inout Allowance
    ) throws(StoreError) -> ItemKey {
        guard let key = RowKey.itemKey(of: row) else {
            throw .damaged("a row of table \(request.table.rawValue.hex) has no proper key")
        }
        let item: StoredItem
        do throws(ItemRecord.Damage) {
            let mark = try ItemRecord.mark(record)
            allowance.rows -= 1
            guard request.includesTombstones || !mark.isTombstone else { return key }
            item = request.keysOnly
                ? StoredItem(version: mark.version, isTombstone: mark.isTombstone, value: [])
                : try ItemRecord.item(record)
        } catch {
            throw StoreError(error, of: ItemAddress(table: request.table, key: key))
        }
        allowance.entries -= 1
        allowance.bytes -= key.bytes.count + item.value.count
        entries.append(Entry(key: key, item: item))
        return key
    }
}

/// What is left of a page's bounds. The last entry may overdraw the bytes: a page has room for any one item.
private struct Allowance {
    var entries: Int
    var rows: Int
    var bytes: Int

    init(_ request: ScanRequest) {
        entries = min(max(request.limit, 0), StoreLimits.pageEntries)
        rows = min(max(request.maximumRowsVisited, 1), StoreLimits.pageRowsVisited)
        bytes = min(max(request.maximumBytes, 1), StoreLimits.pageBytes)
    }

    var isSpent: Bool { entries <= 0 || rows <= 0 || bytes <= 0 }
}
