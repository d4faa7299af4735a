internal import Base
internal import Cluster

// The rows of the `meta` family. Keys are ASCII words; numbers are big-endian.
//
//   format      4 bytes   the format of everything in this directory
//   node        text      the id of the node that the directory belongs to
//   store       16 bytes  the store id, random, created with the directory
//   partitions  4 bytes   the partition count that keys in `index` and `leaves` are computed with
//   boot        8 bytes   how often the directory was opened
//   clock       8 bytes   the highest version clock committed or promised
//   uptime      8 bytes   how long the store was open in all runs together, in milliseconds: see CumulativeUptime
//   cluster     bytes     the cluster record; the module Cluster encodes it and the next two
//   member/ID   bytes     the last known state of the member ID
//   recovery    bytes     whether the store is recovering from the loss of data
//   mark/P      16 bytes  the purge mark of partition P (2 bytes): clocks promised and purged (8 each)
//   hints/T     56 bytes  the totals of the hints for member T (2 bytes): stored, delivered, superseded, expired,
//                         pending, pending bytes, since when one has been pending (8 each); 48 when none is
//   leaves/N    bytes     entry N (8 bytes) of the leaf journal: changes of leaf records that may not be in `leaves`
//                         yet; see LeafJournal
//   table/NAME  17 bytes  the latest state of the table NAME, deleted ones included: generation (8), flags (1,
//                         bit 0: deleted), creation time in milliseconds since 1970 (8)

enum MetaRow {
    static let format = Array("format".utf8)
    static let node = Array("node".utf8)
    static let store = Array("store".utf8)
    static let partitions = Array("partitions".utf8)
    static let boot = Array("boot".utf8)
    static let clock = Array("clock".utf8)
    static let uptime = Array("uptime".utf8)

    private static let tablePrefix = Array("table/".utf8)
    private static let deletedFlag: UInt8 = 1

    static let tables = (lower: tablePrefix, upper: tablePrefix + [0xFF])

    private static let journalPrefix = Array("leaves/".utf8)

    static let leafJournal = (lower: journalPrefix, upper: journalPrefix + [UInt8](repeating: 0xFF, count: 9))

    static func journalKey(_ number: UInt64) -> [UInt8] { journalPrefix + self.number(number) }

    static func journalNumber(key: Span<UInt8>) -> UInt64? {
        key.count == journalPrefix.count + 8 ? key.bigEndian(at: journalPrefix.count) : nil
    }

    static func tableKey(_ name: TableName) -> [UInt8] { tablePrefix + name.description.utf8 }

    static func tableValue(_ state: TableState) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendBigEndian(state.generation)
        bytes.append(state.isDeleted ? deletedFlag : 0)
        bytes.appendBigEndian(state.createdAtMilliseconds)
        return bytes
    }

    static func table(key: Span<UInt8>, value: Span<UInt8>) -> TableState? {
        guard key.count > tablePrefix.count, value.count == 17,
            let name = try? TableName(validating: Array(Array(copying: key).dropFirst(tablePrefix.count))),
            let generation = value.bigEndian(at: 0, as: UInt64.self),
            let createdAt = value.bigEndian(at: 9, as: UInt64.self),
            value[8] & ~deletedFlag == 0
        else { return nil }
        return TableState(
            name: name, generation: generation, isDeleted: value[8] & deletedFlag != 0,
            createdAtMilliseconds: createdAt)
    }

    static func number<Integer: FixedWidthInteger & UnsignedInteger>(_ value: Integer) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendBigEndian(value)
        return bytes
    }

    static func number<Integer: FixedWidthInteger & UnsignedInteger>(_ bytes: [UInt8]) -> Integer? {
        bytes.count == Integer.bitWidth / 8 ? bytes.span.bigEndian(at: 0) : nil
    }
}
