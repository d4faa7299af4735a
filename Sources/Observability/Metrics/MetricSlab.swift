/// The numbers of all series, side by side. A series owns a few neighbouring slots from `claim` to `release`;
/// released slots are zero and wait, by size, for the next claim of that size.
struct MetricSlab: Sendable {
    private(set) var values: [UInt64] = []
    private var free: [Int: [Int]] = [:]

    mutating func claim(_ slotCount: Int) -> Int {
        if let reused = free[slotCount]?.popLast() { return reused }
        values.append(contentsOf: repeatElement(0, count: slotCount))
        return values.count - slotCount
    }

    mutating func release(_ slot: Int, slotCount: Int) {
        for index in slot..<(slot + slotCount) { values[index] = 0 }
        free[slotCount, default: []].append(slot)
    }

    /// Counters wrap at 2^64, as their readers expect of a reset.
    @inline(__always)
    mutating func add(_ amount: UInt64, at slot: Int) {
        values[slot] &+= amount
    }

    mutating func set(_ value: UInt64, at slot: Int) {
        values[slot] = value
    }
}
