/// The numbers of all series, side by side. A series owns a few neighbouring slots from `claim` to `release`;
/// released slots are zero and wait, by size, for the next claim of that size.
///
/// The slots never move, so an update is a load, an addition and a store, with no check for exclusive access and none
/// for a shared array: that is a tenth of what the same costs in an `Array` of a class. Memory that was never claimed
/// is never touched. Loop-bound.
@safe final class MetricSlab {
    private let slots: UnsafeMutablePointer<UInt64>
    private let capacity: Int
    private(set) var claimedCount = 0
    private var free: [Int: [Int]] = [:]

    init(capacity: Int) {
        self.capacity = capacity
        unsafe slots = .allocate(capacity: capacity)
    }

    deinit { unsafe slots.deallocate() }

    /// Slots that are zero.
    func claim(_ slotCount: Int) -> Int {
        if let reused = free[slotCount]?.popLast() { return reused }
        let slot = claimedCount
        precondition(slotCount <= capacity - slot, "more series than the limits of their labels allow")
        unsafe (slots + slot).initialize(repeating: 0, count: slotCount)
        claimedCount += slotCount
        return slot
    }

    func release(_ slot: Int, slotCount: Int) {
        for index in slot..<(slot + slotCount) { self[index] = 0 }
        free[slotCount, default: []].append(slot)
    }

    /// `slot` was claimed.
    subscript(slot: Int) -> UInt64 {
        @inline(__always) get {
            precondition(slot >= 0 && slot < capacity, "a slot of another registry")
            return unsafe slots[slot]
        }
        @inline(__always) set {
            precondition(slot >= 0 && slot < capacity, "a slot of another registry")
            unsafe slots[slot] = newValue
        }
    }

    /// All slots as they are now.
    var copy: [UInt64] { unsafe Array(UnsafeBufferPointer(start: slots, count: claimedCount)) }
}
