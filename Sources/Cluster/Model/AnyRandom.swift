/// A type-erased random number generator: the system's in a node, a seeded one in a test. Copies share one state.
package struct AnyRandom: RandomNumberGenerator {
    private let draw: () -> UInt64

    package init(_ generator: some RandomNumberGenerator) {
        var generator = generator
        draw = { generator.next() }
    }

    package mutating func next() -> UInt64 { draw() }
}
