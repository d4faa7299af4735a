/// The random number generator of a run: SplitMix64, seeded with the run's seed. (Steele, Lea and Flood, "Fast
/// Splittable Pseudorandom Number Generators", 2014.)
package struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    package init(seed: UInt64) {
        state = seed
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    /// Returns an independent generator, so that one more draw in one component does not change the draws of all
    /// others.
    mutating func split() -> SeededRandom { SeededRandom(seed: next()) }

    mutating func below(_ bound: Int) -> Int {
        precondition(bound > 0, "the bound must be at least 1")
        return Int(next() % UInt64(bound))
    }

    mutating func within(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + below(range.count)
    }

    mutating func chance(_ percent: Double) -> Bool {
        Double(next() >> 11) / Double(1 << 53) < percent / 100
    }

    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

    /// A number of the range, mostly near the lower end and sometimes near the upper one, as delays are distributed.
    mutating func skewed(_ range: ClosedRange<Int>) -> Int {
        let octaves = max(1, Int.bitWidth - range.count.leadingZeroBitCount)
        let span = min(range.count, 1 << within(0...octaves))
        return range.lowerBound + below(span)
    }
}
