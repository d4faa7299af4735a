internal import Base
internal import Cluster

// The value of a row of `hints`: the time of storing, by the wall clock in milliseconds since 1970 (8) and by the
// store's cumulative uptime in milliseconds (8); the request that the write served: trace id (16), span id (8), trace
// flags (1), length of the request id (1), request id; then an item record, as in a row of `items`. Numbers in brackets
// are bytes.
//
// Whether the write was a repair is not stored: a replayed hint is judged like any other delayed write.

enum HintRecord {
    private static let headerBytes = 42

    enum Damage: Error, Equatable {
        case tooShort(bytes: Int)
        case requestIDTooLong(bytes: Int)
        case item(ItemRecord.Damage)
        /// The key of the hint's database row cannot be decoded.
        case invalidKey
    }

    static func append(_ hint: Hint, to bytes: inout [UInt8]) {
        let trace = hint.trace
        precondition(
            trace.requestID.count <= RequestTrace.maximumRequestIDBytes, "the request id of a hint is too long")
        for number in [
            hint.storedAt.wallMilliseconds, hint.storedAt.uptimeMilliseconds, trace.traceHigh, trace.traceLow,
            trace.spanID,
        ] { bytes.appendBigEndian(number) }
        bytes.append(trace.traceFlags)
        bytes.append(UInt8(trace.requestID.count))
        bytes.append(contentsOf: trace.requestID)
        ItemRecord.append(hint.write.item, header: EntryHeader(of: hint.write.item), to: &bytes)
    }

    static func hint(row: Span<UInt8>, record: Span<UInt8>) throws(Damage) -> Hint {
        guard let (target, place) = RowKey.hintPlace(of: row) else { throw .invalidKey }
        guard record.count >= headerBytes, let storedAt = HintTime(record), let trace = RequestTrace(record) else {
            throw .tooShort(bytes: record.count)
        }
        let requestIDBytes = Int(record[headerBytes - 1])
        guard requestIDBytes <= RequestTrace.maximumRequestIDBytes else {
            throw .requestIDTooLong(bytes: requestIDBytes)
        }
        let itemStart = headerBytes + requestIDBytes
        guard itemStart <= record.count else { throw .tooShort(bytes: record.count) }
        do throws(ItemRecord.Damage) {
            let item = try ItemRecord.item(record.extracting(itemStart..<record.count))
            return Hint(
                target: target, write: ReplicaWrite(table: place.table, key: place.key, item: item),
                trace: trace.with(requestID: Array(copying: record.extracting(headerBytes..<itemStart))),
                storedAt: storedAt)
        } catch {
            throw .item(error)
        }
    }
}

extension HintTime {
    fileprivate init?(_ record: Span<UInt8>) {
        guard let wall = record.bigEndian(at: 0, as: UInt64.self), let uptime = record.bigEndian(at: 8, as: UInt64.self)
        else { return nil }
        self.init(wallMilliseconds: wall, uptimeMilliseconds: uptime)
    }
}

extension RequestTrace {
    /// Decodes the trace of a hint record, without the request id.
    fileprivate init?(_ record: Span<UInt8>) {
        guard let high = record.bigEndian(at: 16, as: UInt64.self), let low = record.bigEndian(at: 24, as: UInt64.self),
            let spanID = record.bigEndian(at: 32, as: UInt64.self),
            let flags = record.bigEndian(at: 40, as: UInt8.self)
        else { return nil }
        self.init(requestID: [], traceHigh: high, traceLow: low, spanID: spanID, traceFlags: flags)
    }

    fileprivate func with(requestID: [UInt8]) -> RequestTrace {
        RequestTrace(
            requestID: requestID, traceHigh: traceHigh, traceLow: traceLow, spanID: spanID, traceFlags: traceFlags)
    }
}

extension HintRecord.Damage: CustomStringConvertible {
    var description: String {
        switch self {
        case .tooShort(let bytes): "it has \(bytes) bytes, fewer than its header"
        case .requestIDTooLong(let bytes): "its request id is \(bytes) bytes long"
        case .item(let damage): damage.description
        case .invalidKey: "its key cannot be decoded"
        }
    }
}

extension StoreError {
    init(_ damage: HintRecord.Damage, ofHintAt row: Span<UInt8>) {
        guard let (target, place) = RowKey.hintPlace(of: row) else {
            self = .damaged("a hint: \(damage)")
            return
        }
        let key = String(repairing: place.key.bytes.span)
        self = .damaged("the hint for member \(target) of key \(key) in table \(place.table.rawValue.hex): \(damage)")
    }
}
