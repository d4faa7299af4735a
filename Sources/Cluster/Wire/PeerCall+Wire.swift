internal import Base

/// The first byte of an encoded call, which identifies its operation.
enum CallCode: UInt8 {
    case version = 1
    case get = 2
    case put = 3
    case readTable = 4
    case writeTable = 5
    case page = 6
    case sums = 7
    case repair = 8
    case readCatalog = 9
    case compare = 10
    case leaves = 11
    case list = 12
    case promise = 13
    case purge = 14
}

// Wire layout of `PeerCall`, field sizes in bytes: code (1), remaining milliseconds (4), request trace, table index (2)
// or table name, operation arguments.
extension PeerCall {
    static let minimumWireBytes = 1 + 4 + 26

    /// The size in bytes that queue and batch limits charge for the call, including the table list entry. It is
    /// constant for a given call.
    package var weightBytes: Int {
        Self.minimumWireBytes + trace.requestID.count + operation.weightBytes
    }

    func append(to bytes: inout [UInt8], tables: inout BatchTables) {
        bytes.append(operation.code.rawValue)
        bytes.appendBigEndian(remainingMilliseconds)
        trace.append(to: &bytes)
        if let table = operation.table { bytes.appendBigEndian(tables.index(of: table)) }
        switch operation {
        case .version(_, let key), .get(_, let key): bytes.appendKey(key)
        case .put(_, let key, let item), .repair(_, let key, let item):
            bytes.appendKey(key)
            item.append(to: &bytes)
        case .readTable(let name): bytes.appendTableName(name)
        case .page(let request): request.append(to: &bytes)
        case .compare(let digest): digest.append(to: &bytes)
        case .leaves(let partitions): bytes.appendPartitions(partitions)
        case .list(let request): request.append(to: &bytes)
        case .promise(let partition, let mark), .purge(let partition, let mark):
            bytes.appendBigEndian(partition.rawValue)
            bytes.appendBigEndian(mark.rawValue)
        case .writeTable, .sums, .readCatalog: break
        }
    }

    init(reading reader: inout WireReader, tables: inout ReadBatchTables) throws(WireError) {
        let start = reader.offset
        guard let code = CallCode(rawValue: try reader.integer(UInt8.self, .operation)) else {
            throw .invalid(.operation, offset: start)
        }
        let remaining = try reader.integer(UInt32.self, .number)
        let trace = try RequestTrace(reading: &reader)
        self.init(
            try Operation(code, reading: &reader, tables: &tables), remainingMilliseconds: remaining, trace: trace)
    }
}

extension PeerCall.Operation {
    fileprivate var code: CallCode {
        switch self {
        case .version: .version
        case .get: .get
        case .put: .put
        case .readTable: .readTable
        case .writeTable: .writeTable
        case .page: .page
        case .sums: .sums
        case .repair: .repair
        case .readCatalog: .readCatalog
        case .compare: .compare
        case .leaves: .leaves
        case .list: .list
        case .promise: .promise
        case .purge: .purge
        }
    }

    /// The table to which the encoded call refers by its position in the batch's table list; nil for a call that
    /// concerns no table, or that contains the table's name instead.
    var table: TableState? {
        switch self {
        case .version(let table, _), .get(let table, _), .put(let table, _, _), .repair(let table, _, _),
            .writeTable(let table), .sums(let table):
            table
        case .page(let request): request.table
        case .readTable, .readCatalog, .compare, .leaves, .list, .promise, .purge: nil
        }
    }

    fileprivate var weightBytes: Int {
        let table = table.map { 2 + $0.wireBytes } ?? 0
        return switch self {
        case .version(_, let key), .get(_, let key): table + 2 + key.bytes.count
        case .put(_, let key, let item), .repair(_, let key, let item):
            table + 2 + key.bytes.count + StoredItem.minimumWireBytes + item.value.count
        case .readTable: 1 + TableName.maximumBytes
        case .page(let request): table + request.wireBytes
        case .compare, .promise, .purge: 16
        case .leaves(let partitions): 2 + 2 * partitions.count
        case .list(let request): request.wireBytes
        case .writeTable, .sums, .readCatalog: table
        }
    }

    /// Decodes the arguments of a call from the message. `code` is the call's first byte, which says what the arguments
    /// are; the arguments of a call that concerns a table begin with the table's position in the batch's table list.
    fileprivate init(
        _ code: CallCode, reading reader: inout WireReader, tables: inout ReadBatchTables
    ) throws(WireError) {
        switch code {
        case .version: self = .version(try tables.table(reading: &reader), try reader.key())
        case .get: self = .get(try tables.table(reading: &reader), try reader.key())
        case .put:
            self = .put(try tables.table(reading: &reader), try reader.key(), try StoredItem(reading: &reader))
        case .repair:
            self = .repair(try tables.table(reading: &reader), try reader.key(), try StoredItem(reading: &reader))
        case .writeTable: self = .writeTable(try tables.table(reading: &reader))
        case .page: self = .page(try PageRequest(of: try tables.table(reading: &reader), reading: &reader))
        case .sums: self = .sums(try tables.table(reading: &reader))
        case .readTable: self = .readTable(try reader.tableName())
        case .readCatalog: self = .readCatalog
        case .compare: self = .compare(try TreeDigest(reading: &reader))
        case .leaves: self = .leaves(try reader.partitions())
        case .list: self = .list(try LeafRequest(reading: &reader))
        case .promise: self = .promise(partition: try reader.partition(), try reader.mark())
        case .purge: self = .purge(partition: try reader.partition(), try reader.mark())
        }
    }
}
