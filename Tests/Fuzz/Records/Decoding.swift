import Base
import Cluster
import FuzzHarness

@testable import Storage

/// Checks that decoding any bytes of the disk gives a value or an error and never crashes, and that a decoded value is
/// encoded as the same bytes, so that everything has one encoding.
func checkRecords(_ bytes: Span<UInt8>) {
    checkItem(bytes)
    checkLeaf(bytes)
    checkRowKeys(bytes)
    checkMeta(bytes)
    checkHint(bytes)
}

private func checkItem(_ record: Span<UInt8>) {
    if let header = try? ItemRecord.header(record) {
        var again: [UInt8] = []
        ItemRecord.appendHeader(header, to: &again)
        require(again == Array(copying: record.extracting(0..<ItemRecord.headerBytes)), "a header has two encodings")
    }
    if let item = try? ItemRecord.item(record) {
        var again: [UInt8] = []
        ItemRecord.append(item, header: EntryHeader(of: item), to: &again)
        require(again == Array(copying: record), "an item record has two encodings")
    }
    checkDamage(value: record)
}

/// Checks that an encoded record decodes, and that it does not after one bit of its value is flipped.
private func checkDamage(value: Span<UInt8>) {
    guard let version = Version(bytes: value) else { return }
    let item = StoredItem(version: version, isTombstone: false, value: Array(copying: value))
    var record: [UInt8] = []
    ItemRecord.append(item, header: EntryHeader(of: item), to: &record)
    require((try? ItemRecord.item(record.span)) == item, "an encoded item does not decode")
    record[record.count - 1] ^= 1
    require((try? ItemRecord.item(record.span)) == nil, "a flipped bit was not detected")
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

/// Decodes a fuzz input as a stored hint: the first byte is the length of the row's key, then come the key and the hint
/// record.
private func checkHint(_ bytes: Span<UInt8>) {
    guard bytes.count > 1 else { return }
    let rowEnd = min(bytes.count, 1 + Int(bytes[0]))
    let row = bytes.extracting(1..<rowEnd)
    let record = bytes.extracting(rowEnd..<bytes.count)
    if let (partition, mark) = MetaRow.purgeMark(key: row, value: record) {
        let key = MetaRow.purgeMarkKey(partition)
        require(key.suffix(2) == Array(copying: row).suffix(2), "a purge mark's key has two encodings")
        require(MetaRow.purgeMarkValue(mark) == Array(copying: record), "a purge mark has two encodings")
    }
    if let (target, totals) = MetaRow.totals(key: row, value: record) {
        let key = MetaRow.totalsKey(target)
        require(key.suffix(2) == Array(copying: row).suffix(2), "the key of hint totals has two encodings")
        require(MetaRow.totalsValue(totals) == Array(copying: record), "hint totals have two encodings")
    }
    guard let hint = try? HintRecord.hint(row: row, record: record) else { return }
    let address = HintAddress(target: hint.target, place: hint.place)
    require(RowKey.hint(address) == Array(copying: row), "a hint's row key has two encodings")
    var again: [UInt8] = []
    HintRecord.append(hint, to: &again)
    require(again == Array(copying: record), "a hint has two encodings")
}

/// Decodes a fuzz input as a metadata row: the first byte is the length of the row's key, then come the key and the
/// value.
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
