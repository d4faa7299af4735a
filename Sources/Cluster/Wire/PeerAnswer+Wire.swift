internal import Base

/// The first byte of an encoded answer, which identifies its kind.
enum AnswerCode: UInt8 {
    case noVersion = 1
    case version = 2
    case noItem = 3
    case item = 4
    case stored = 5
    case superseded = 6
    case noTable = 7
    case table = 8
    case page = 9
    case sums = 10
    case catalog = 11
    case equal = 12
    case roots = 13
    case leaves = 14
    case rows = 15

    // Failures, which may be the answer to any call.
    case tableDeleted = 64
    case recovering = 65
    case expired = 66
    case overloaded = 67
    case refused = 68
    case failed = 69
}

extension PeerAnswer {
    /// An upper bound of the size of the encoded answer in bytes, including its table list entry. Message limits use
    /// this weight.
    package var weightBytes: Int {
        switch self {
        case .version: 1 + 8 + Version.byteCount + 1 + 8
        case .item(let item): 1 + StoredItem.minimumWireBytes + (item?.value.count ?? 0)
        case .superseded: 1 + Version.byteCount
        case .table(let state): 3 + (state?.wireBytes ?? 0)
        case .page(let page): 1 + page.wireBytes
        case .sums(let sums): 5 + PartitionSums.wireBytes * sums.count
        case .catalog(let states): 5 + states.reduce(0) { $0 + $1.wireBytes }
        case .roots(let roots): 5 + 8 * (roots?.count ?? 0)
        case .leaves(let leaves): 3 + PartitionLeaves.wireBytes * leaves.count
        case .rows(let list): 1 + list.wireBytes
        case .refused, .failed: 3 + WireLimits.reasonBytes
        case .stored, .tableDeleted, .recovering, .expired, .overloaded: 1
        }
    }

    /// The table whose state the answer contains, if any. The encoded answer contains its position in the batch's table
    /// list.
    var table: TableState? {
        if case .table(let state) = self { state } else { nil }
    }

    private var code: AnswerCode {
        switch self {
        case .version(let held, _): held == nil ? .noVersion : .version
        case .item(let item): item == nil ? .noItem : .item
        case .stored: .stored
        case .superseded: .superseded
        case .table(let state): state == nil ? .noTable : .table
        case .page: .page
        case .sums: .sums
        case .catalog: .catalog
        case .roots(let roots): roots == nil ? .equal : .roots
        case .leaves: .leaves
        case .rows: .rows
        case .tableDeleted: .tableDeleted
        case .recovering: .recovering
        case .expired: .expired
        case .overloaded: .overloaded
        case .refused: .refused
        case .failed: .failed
        }
    }

    func append(to bytes: inout [UInt8], tables: inout BatchTables) {
        bytes.append(code.rawValue)
        switch self {
        case .version(let held, let floor):
            bytes.appendBigEndian(floor.rawValue)
            held?.append(to: &bytes)
        case .item(let item): item?.append(to: &bytes)
        case .superseded(let version): version.append(to: &bytes)
        case .table(let state):
            if let state { bytes.appendBigEndian(tables.index(of: state)) }
        case .page(let page): page.append(to: &bytes)
        case .sums(let sums): Self.append(sums, to: &bytes)
        case .catalog(let states): bytes.appendCatalog(states)
        case .roots(let roots): if let roots { bytes.appendRoots(roots) }
        case .leaves(let leaves): bytes.appendLeaves(leaves)
        case .rows(let list): list.append(to: &bytes)
        case .refused(let reason), .failed(let reason): Self.append(reason, to: &bytes)
        case .stored, .tableDeleted, .recovering, .expired, .overloaded: break
        }
    }

    private static func append(_ sums: [PartitionSums], to bytes: inout [UInt8]) {
        precondition(sums.count <= WireLimits.partitions, "totals of more partitions than a cluster can have")
        bytes.appendBigEndian(UInt32(sums.count))
        for partition in sums { partition.append(to: &bytes) }
    }

    /// Truncates the text at a character boundary if it is too long.
    private static func append(_ reason: String, to bytes: inout [UInt8]) {
        let text = reason.utf8
        var end = text.index(text.startIndex, offsetBy: WireLimits.reasonBytes, limitedBy: text.endIndex)
            ?? text.endIndex
        while end < text.endIndex, UTF8.isContinuation(text[end]) { end = text.index(before: end) }
        let kept = text[..<end]
        bytes.appendBigEndian(UInt16(kept.count))
        bytes.append(contentsOf: kept)
    }
}

extension PeerAnswer {
    init(reading reader: inout WireReader, tables: inout ReadBatchTables) throws(WireError) {
        let start = reader.offset
        guard let code = AnswerCode(rawValue: try reader.integer(UInt8.self, .answer)) else {
            throw .invalid(.answer, offset: start)
        }
        switch code {
        case .noVersion: self = .version(nil, floor: try reader.mark())
        case .version:
            let floor = try reader.mark()
            self = .version(try HeldVersion(reading: &reader), floor: floor)
        case .noItem: self = .item(nil)
        case .item: self = .item(try StoredItem(reading: &reader))
        case .stored: self = .stored
        case .superseded: self = .superseded(by: try reader.version())
        case .noTable: self = .table(nil)
        case .table: self = .table(try tables.table(reading: &reader))
        case .page: self = .page(try Page(reading: &reader))
        case .sums: self = .sums(try Self.sums(reading: &reader))
        case .catalog: self = .catalog(try reader.catalog())
        case .equal: self = .roots(nil)
        case .roots: self = .roots(try reader.roots())
        case .leaves: self = .leaves(try reader.leaves())
        case .rows: self = .rows(try LeafList(reading: &reader))
        case .tableDeleted: self = .tableDeleted
        case .recovering: self = .recovering
        case .expired: self = .expired
        case .overloaded: self = .overloaded
        case .refused: self = .refused(try Self.reason(reading: &reader))
        case .failed: self = .failed(try Self.reason(reading: &reader))
        }
    }

    private static func sums(reading reader: inout WireReader) throws(WireError) -> [PartitionSums] {
        let count = try reader.count(
            UInt32.self, .sums, limit: WireLimits.partitions, eachBytes: PartitionSums.wireBytes)
        var sums: [PartitionSums] = []
        sums.reserveCapacity(count)
        for _ in 0..<count { sums.append(try PartitionSums(reading: &reader)) }
        return sums
    }

    private static func reason(reading reader: inout WireReader) throws(WireError) -> String {
        let start = reader.offset
        let length = Int(try reader.integer(UInt16.self, .reason))
        guard length <= WireLimits.reasonBytes else {
            throw .tooMany(.reason, count: length, limit: WireLimits.reasonBytes, offset: start)
        }
        return try reader.text(reader.bytes(length, .reason), .reason, from: start)
    }
}
