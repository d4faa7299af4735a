import Cluster
import Testing

@testable import Simulation

@Suite struct WorldTests {
    @Test("What is to happen at one time happens in the order in which it was decided")
    func order() {
        let world = World(seed: 1, keepsTranscript: false)
        var seen: [Int] = []
        for (number, delay) in [30, 10, 20, 10, 0].enumerated() { world.after(delay) { seen.append(number) } }
        world.run(until: 20)
        #expect(seen == [4, 1, 3, 2])
        #expect(world.now == 20)
    }

    @Test("A thousand events come out by time")
    func heap() {
        var queue = EventQueue()
        var random = SeededRandom(seed: 5)
        for _ in 0..<1000 { queue.add(at: UInt64(random.below(200))) {} }
        var times: [UInt64] = []
        while let event = queue.popFirst() { times.append(event.time) }
        #expect(times.count == 1000)
        #expect(times == times.sorted())
    }

    @Test("A frozen process does nothing until it is thawed, and a dead one nothing more")
    func freezing() {
        let world = World(seed: 1, keepsTranscript: false)
        let process = SimulatedProcess(world, node: 0)
        var seen: [String] = []
        process.soon { seen.append("at once") }
        world.run(until: 1_000)
        process.freeze()
        process.soon { seen.append("while frozen") }
        world.run(until: 500_000)
        #expect(seen == ["at once"])
        process.thaw()
        world.run(until: 501_000)
        #expect(seen == ["at once", "while frozen"])
        #expect(process.frozenMicroseconds == 499_000)
        process.soon { seen.append("too late") }
        process.die()
        world.run(until: 600_000)
        #expect(seen == ["at once", "while frozen"])
    }

    @Test("The wall clock jumps and drifts, and the monotonic one never goes back")
    func clocks() {
        let world = World(seed: 1, keepsTranscript: false)
        let clock = SimulatedTimeSource(world, offsetMilliseconds: 0)
        let wall = clock.wallMilliseconds
        let monotonic = clock.monotonicMilliseconds
        world.run(until: 1_000_000)
        clock.drift(perMillion: -100_000)
        world.run(until: 2_000_000)
        #expect(clock.monotonicMilliseconds == monotonic + 1_900)
        clock.jump(byMilliseconds: -300_000)
        #expect(clock.wallMilliseconds == wall + 1_900 - 300_000)
        #expect(clock.monotonicMilliseconds == monotonic + 1_900)
    }

    @Test("A message through a cut direction is lost, and one whose answer's way is cut arrives all the same")
    func cuts() {
        var arrived = 0
        var answers: [Result<[UInt8], PeerFailure>] = []
        let world = World(seed: 1, keepsTranscript: false)
        let network = SimulatedNetwork(world, addresses: ["a", "b"])
        let sender = SimulatedProcess(world, node: 0)
        let target = SimulatedProcess(world, node: 1)
        network.listen(target) { message, _, completion in
            arrived += 1
            completion(.success(message))
        }
        func ask() {
            network.send([1], over: .reads, from: sender, to: "b", timeoutMilliseconds: 50) { answers.append($0) }
            world.run(until: world.now + 100_000)
        }
        ask()
        network.cut(from: 0, to: 1)
        ask()
        #expect(arrived == 1)
        network.mendAll()
        network.cut(from: 1, to: 0)
        ask()
        #expect(arrived == 2)
        network.mendAll()
        target.die()
        network.stopListening(target)
        ask()
        #expect(answers == [.success([1]), .failure(.timedOut), .failure(.timedOut), .failure(.refused)])
    }
}
