/// Random numbers for ids: fast, unpredictable enough to be unique, no secret. (Blackman and Vigna's xoshiro256++,
/// 2019.) Seed it once a process from the system's generator.
package struct IdentifierGenerator: RandomNumberGenerator, Sendable {
    private var state: (UInt64, UInt64, UInt64, UInt64)

    package init(seededBy source: inout some RandomNumberGenerator) {
        // All zero is the one state it never leaves.
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
