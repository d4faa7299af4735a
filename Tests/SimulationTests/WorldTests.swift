import Cluster
import Testing

@testable import Simulation

@Suite struct WorldTests {
    @Test("Events of the same time happen in the order in which they were added")
    func order() {
        let world = World(seed: 1, keepsTranscript: false)
        var seen: [Int] = []
        for (number, delay) in [30, 10, 20, 10, 0].enumerated() { world.after(delay) { seen.append(number) } }
        world.run(until: 20)
        #expect(seen == [4, 1, 3, 2])
        #expect(world.now == 20)
    }

    @Test("The event queue returns a thousand events in order of time")
    func heap() {
        var queue = EventQueue()
        var random = SeededRandom(seed: 5)
        for _ in 0..<1000 { queue.add(at: UInt64(random.below(200))) {} }
        var times: [UInt64] = []
        while let event = queue.popFirst() { times.append(event.time) }
        #expect(times.count == 1000)
        #expect(times == times.sorted())
    }

    @Test("A frozen process executes nothing until it is thawed, and a dead process executes nothing")
    func freezing() {
        let world = World(seed: 1, keepsTranscript: false)
        let process = SimulatedProcess(world, node: 0)
        var seen: [String] = []
        process.enqueue { seen.append("while running") }
        world.run(until: 1_000)
        process.freeze()
        process.enqueue { seen.append("while frozen") }
        world.run(until: 500_000)
        #expect(seen == ["while running"])
        process.thaw()
        world.run(until: 501_000)
        #expect(seen == ["while running", "while frozen"])
        #expect(process.frozenMicroseconds == 499_000)
        process.enqueue { seen.append("before death") }
        process.die()
        world.run(until: 600_000)
        #expect(seen == ["while running", "while frozen"])
    }

    @Test("The wall clock jumps and drifts; the monotonic clock drifts and never goes back")
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

    @Test("A cut direction loses messages; when only the way back is cut, the message arrives and its answer is lost")
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
        func send() {
            network.send([1], over: .reads, from: sender, to: "b", timeoutMilliseconds: 50) { answers.append($0) }
            world.run(until: world.now + 100_000)
        }
        send()
        network.cut(from: 0, to: 1)
        send()
        #expect(arrived == 1)
        network.reconnectAll()
        network.cut(from: 1, to: 0)
        send()
        #expect(arrived == 2)
        network.reconnectAll()
        target.die()
        network.stopListening(target)
        send()
        #expect(answers == [.success([1]), .failure(.timedOut), .failure(.timedOut), .failure(.refused)])
    }
}
