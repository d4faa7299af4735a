internal import Base

/// The tables that a batch names, so that its frames do so by a number of two bytes. They stand in the order in which
/// the frames first use them, each once, and none that no frame uses: a batch has one encoding.
struct BatchTables {
    private var states: [TableState] = []
    private var indices: [TableState: UInt16] = [:]
    /// A batch mostly stays with one table for a while.
    private var last = 0

    /// Numbers `state` if no frame has named it yet.
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

/// The same as they are read: a frame may name a table that was named before, or the next one.
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
