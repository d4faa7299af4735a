internal import Base
internal import Cluster

/// Reads one page of a scan. Each page has an iterator of its own, so that nothing holds an old state of the database
/// between pages.
struct PageScan {
    private let request: PageRequest
    private var entries: [Page.Entry] = []
    private var entriesLeft: Int
    private var bytesLeft: Int

    init(_ request: PageRequest) {
        self.request = request
        entriesLeft = min(max(request.limit, 1), StorageLimits.pageEntries)
        bytesLeft = min(max(request.maximumBytes, 1), StorageLimits.pageBytes)
    }

    mutating func page(_ database: Database) throws(StoreError) -> Page {
        let range = KeyRange(of: request)
        guard !range.isEmpty else { return Page(entries: [], next: nil) }
        let table = request.table.id
        let rows = database.rows(
            .items, lower: RowKey.item(table, range.lower),
            upper: range.upper.map { RowKey.item(table, $0) } ?? RowKey.range(of: table).upper)
        request.reverse ? rows.seekToLast() : rows.seekToFirst()
        // A page of a scan may exceed its byte limit by its last entry, so that it has room for any one item.
        while rows.isAtRow, entriesLeft > 0, bytesLeft > 0 {
            try rows.withRow { key, record throws(StoreError) in try visit(key, record) }
            rows.step(reverse: request.reverse)
        }
        do throws(RocksFailure) {
            try rows.check()
        } catch {
            throw StoreError(error)
        }
        return Page(entries: entries, next: rows.isAtRow ? entries.last?.key : nil)
    }

    private mutating func visit(_ row: Span<UInt8>, _ record: Span<UInt8>) throws(StoreError) {
        guard let key = RowKey.itemKey(of: row) else {
            throw .damaged("a row of table \(request.table.id.rawValue.hex) has an invalid key")
        }
        let item: StoredItem
        do throws(ItemRecord.Damage) {
            item = request.keysOnly ? try ItemRecord.header(record).withoutValue : try ItemRecord.item(record)
        } catch {
            throw StoreError(error, of: ItemAddress(table: request.table.id, key: key))
        }
        entriesLeft -= 1
        bytesLeft -= key.bytes.count + item.value.count
        entries.append(Page.Entry(key: key, item: item))
    }
}

extension EntryHeader {
    fileprivate var withoutValue: StoredItem {
        StoredItem(version: version, isTombstone: isTombstone, value: [])
    }
}
