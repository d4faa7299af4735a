internal import Base

/// The table list of a batch, to which its frames refer by a 2-byte index. Tables are listed in the order of first use,
/// each once, and only if used, so a batch has exactly one encoding.
struct BatchTables {
    private var states: [TableState] = []
    private var indices: [TableState: UInt16] = [:]
    /// The position in the table list of the table looked up last. It is tried first, because consecutive calls of a
    /// batch usually use the same table.
    private var last = 0

    /// Returns the position of a table in the list, to which the table is appended on first use.
    @discardableResult
    mutating func index(of state: TableState) -> UInt16 {
        if last < states.count, states[last] == state { return UInt16(last) }
        if let known = indices[state] {
            last = Int(known)
            return known
        }
        last = states.count
        indices[state] = UInt16(last)
        states.append(state)
        return UInt16(last)
    }

    func append(to bytes: inout [UInt8]) {
        bytes.appendBigEndian(UInt16(states.count))
        for state in states { state.append(to: &bytes) }
    }
}

/// The table list of a received batch. A call or answer may only refer to a table that an earlier one has used, or to
/// the first table in the list that none has used: so a batch has exactly one encoding.
struct ReadBatchTables {
    private let states: [TableState]
    private var used = 0

    init(reading reader: inout WireReader) throws(WireError) {
        let start = reader.offset
        let count = try reader.count(
            UInt16.self, .tables, limit: WireLimits.callsPerBatch, eachBytes: TableState.minimumWireBytes)
        var states: [TableState] = []
        states.reserveCapacity(count)
        for _ in 0..<count { states.append(try TableState(reading: &reader)) }
        guard count < 2 || Set(states).count == count else { throw .invalid(.tables, offset: start) }
        self.states = states
    }

    mutating func table(reading reader: inout WireReader) throws(WireError) -> TableState {
        let start = reader.offset
        let index = Int(try reader.integer(UInt16.self, .tableIndex))
        guard index <= used, index < states.count else { throw .invalid(.tableIndex, offset: start) }
        if index == used { used += 1 }
        return states[index]
    }

    func finish(_ reader: WireReader) throws(WireError) {
        guard used == states.count else { throw .invalid(.tables, offset: reader.offset) }
    }
}
