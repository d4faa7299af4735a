/// Issues the write ids of a process: 32 random bits drawn at its start, then a counter. The random half is drawn again
/// when the counter overflows.
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
