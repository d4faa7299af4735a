/// A generator of random numbers for trace ids, span ids and request ids: fast and unique, but not secret (xoshiro256++
/// by Blackman and Vigna, 2019). Seed it once in each process from the system's generator.
package struct IdentifierGenerator: RandomNumberGenerator, Sendable {
    private var state: (UInt64, UInt64, UInt64, UInt64)

    package init(seededBy source: inout some RandomNumberGenerator) {
        // At least one bit of the generator's state must be set: a state of all zeros never changes.
        state = (source.next() | 1, source.next(), source.next(), source.next())
    }

    package mutating func next() -> UInt64 {
        let result = Self.rotate(state.0 &+ state.3, 23) &+ state.0
        let shifted = state.1 << 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= shifted
        state.3 = Self.rotate(state.3, 45)
        return result
    }

    private static func rotate(_ value: UInt64, _ count: UInt64) -> UInt64 {
        value << count | value >> (64 - count)
    }
}
