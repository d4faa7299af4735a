/// The second half of every version this process mints: 32 random bits, then a counter never reset within a run.
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
