/// A random generator seeded by the first bytes of an input, so that a crashing input repeats the same choices.
package struct Chance: RandomNumberGenerator {
    package static let seedBytes = 8
    private var state: UInt64

    /// Seeds the generator with the first `seedBytes` of the fuzz input, which must have at least that many bytes.
    package init(from bytes: Span<UInt8>) {
        state = 0
        for index in 0..<Self.seedBytes { state = state << 8 | UInt64(bytes[index]) }
    }

    /// SplitMix64: neighbouring seeds give unrelated sequences. (Steele et al., OOPSLA 2014.)
    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
