/// Generates the write ids of this process's versions: 32 random bits, then a counter. When the counter wraps around,
/// new random bits are drawn.
package struct WriteIDs<Generator: RandomNumberGenerator> {
    private var random: Generator
    private var high: UInt32
    private var counter: UInt32 = 0

    package init(random: Generator) {
        self.random = random
        high = self.random.next()
    }

    package mutating func next() -> UInt64 {
        let id = UInt64(high) << 32 | UInt64(counter)
        counter &+= 1
        if counter == 0 { high = random.next() }
        return id
    }
}

extension WriteIDs: Sendable where Generator: Sendable {}
