import Base
import Cluster
import FuzzHarness

@testable import Storage

/// Whatever the disk holds, decoding answers with a value or a damage and never traps; and what decodes is written
/// back as the very bytes it came from, so there is one encoding of everything.
func checkRecords(_ bytes: Span<UInt8>) {
    checkItem(bytes)
    checkLeaf(bytes)
    checkRowKeys(bytes)
    checkMeta(bytes)
    checkHint(bytes)
}

private func checkItem(_ record: Span<UInt8>) {
    if let mark = try? ItemRecord.mark(record) {
        var head: [UInt8] = []
        ItemRecord.appendHead(mark, to: &head)
        require(head == Array(copying: record.extracting(0..<ItemRecord.headBytes)), "a head has two encodings")
    }
    if let item = try? ItemRecord.item(record) {
        var again: [UInt8] = []
        ItemRecord.append(item, mark: EntryHeader(of: item), to: &again)
        require(again == Array(copying: record), "an item record has two encodings")
    }
    checkGenuine(value: record)
}

/// A record made by us decodes; with one bit of its value turned, it does not.
private func checkGenuine(value: Span<UInt8>) {
    guard let version = Version(bytes: value) else { return }
    let item = StoredItem(version: version, isTombstone: false, value: Array(copying: value))
    var record: [UInt8] = []
    ItemRecord.append(item, mark: EntryHeader(of: item), to: &record)
    require((try? ItemRecord.item(record.span)) == item, "a stored item does not come back")
    record[record.count - 1] ^= 1
    require((try? ItemRecord.item(record.span)) == nil, "a turned bit went unnoticed")
}

private func checkLeaf(_ record: Span<UInt8>) {
    guard let sums = EntrySums(record: record) else { return }
    var again: [UInt8] = []
    sums.append(to: &again)
    require(again == Array(copying: record), "a leaf record has two encodings")
}

private func checkRowKeys(_ row: Span<UInt8>) {
    if let table = RowKey.table(of: row), let key = RowKey.itemKey(of: row) {
        require(RowKey.item(table, key.bytes) == Array(copying: row), "an item's row key has two encodings")
    }
    if let address = RowKey.leafAddress(of: row) {
        require(RowKey.leaf(address) == Array(copying: row), "a leaf's row key has two encodings")
    }
}

/// The first byte says how much of the rest is the row's key, here too.
private func checkHint(_ bytes: Span<UInt8>) {
    guard bytes.count > 1 else { return }
    let rowEnd = min(bytes.count, 1 + Int(bytes[0]))
    let row = bytes.extracting(1..<rowEnd)
    let record = bytes.extracting(rowEnd..<bytes.count)
    if let (partition, mark) = MetaRow.mark(key: row, value: record) {
        require(MetaRow.markKey(partition).suffix(2) == Array(copying: row).suffix(2), "a mark's key has two encodings")
        require(MetaRow.markValue(mark) == Array(copying: record), "a mark has two encodings")
    }
    if let (target, totals) = MetaRow.totals(key: row, value: record) {
        let key = MetaRow.totalsKey(target)
        require(key.suffix(2) == Array(copying: row).suffix(2), "an account's key has two encodings")
        require(MetaRow.totalsValue(totals) == Array(copying: record), "an account has two encodings")
    }
    guard let hint = try? HintRecord.hint(row: row, record: record) else { return }
    let address = HintAddress(target: hint.target, place: hint.place)
    require(RowKey.hint(address) == Array(copying: row), "a hint's row key has two encodings")
    var again: [UInt8] = []
    HintRecord.append(hint, to: &again)
    require(again == Array(copying: record), "a hint has two encodings")
}

/// The first byte says how much of the rest is the row's key.
private func checkMeta(_ bytes: Span<UInt8>) {
    guard bytes.count > 1 else { return }
    let keyEnd = min(bytes.count, 1 + Int(bytes[0]))
    let key = bytes.extracting(1..<keyEnd)
    let value = bytes.extracting(keyEnd..<bytes.count)
    guard let state = MetaRow.table(key: key, value: value) else { return }
    require(MetaRow.tableValue(state) == Array(copying: value), "a catalog row has two encodings")
    let table = MetaRow.tableKey(state.name)
    require(table.count == key.count, "a catalog row's key has two encodings")
}
