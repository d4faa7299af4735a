import HTTP
import Testing

/// SplitMix64, which gives the same inputs in every run, so that a failure can be reproduced.
private struct SeededRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

private let requests = [
    "GET /a?b=c HTTP/1.1↵Host: h↵↵",
    "HEAD / HTTP/1.0↵Connection: keep-alive↵↵",
    "PUT /k HTTP/1.1↵Host: h↵Content-Length: 5↵↵hello",
    "PUT /k HTTP/1.1↵Host: h↵Transfer-Encoding: chunked↵↵3↵abc↵2;x=y↵de↵0↵T: u↵↵",
    "POST / HTTP/1.1↵Host: h↵Expect: 100-continue↵Content-Length: 0↵↵",
    "↵DELETE http://h/x HTTP/1.1↵Host: h↵X: ␉y↵↵",
]
private let hostileBytes = bytes("↵↵␊␍␀ :;,0159aAfF/%#?*␉‹80›‹FF›GT")

extension SeededRandom {
    fileprivate mutating func pipeline() -> [UInt8] {
        var input: [UInt8] = []
        for _ in 0..<Int.random(in: 1...4, using: &self) {
            input += bytes(requests[Int.random(in: 0..<requests.count, using: &self)])
        }
        return input
    }

    /// Changes, inserts or removes up to three bytes of a parser input.
    fileprivate mutating func mutate(_ input: inout [UInt8]) {
        for _ in 0..<Int.random(in: 0...3, using: &self) where !input.isEmpty {
            let place = Int.random(in: 0..<input.count, using: &self)
            let byte = hostileBytes[Int.random(in: 0..<hostileBytes.count, using: &self)]
            switch Int.random(in: 0..<3, using: &self) {
            case 0: input[place] = byte
            case 1: input.insert(byte, at: place)
            default: input.remove(at: place)
            }
        }
    }

    fileprivate mutating func cuts(of input: [UInt8]) -> [Int] {
        (0..<Int.random(in: 1...6, using: &self)).map { _ in Int.random(in: 0...input.count, using: &self) }.sorted()
    }
}

@Suite struct CutAndMutationTests {
    @Test("Mutated pipelines give the same events however cut, and never too many responses", arguments: 0..<20)
    func mutations(seed: UInt64) {
        var random = SeededRandom(state: seed)
        for _ in 0..<100 {
            var input = random.pipeline()
            random.mutate(&input)
            let whole = transcript(of: input)
            #expect(transcript(of: input, cutAt: random.cuts(of: input)) == whole)
            #expect(transcript(of: input, cutAt: Array(input.indices)) == whole)
            expectOrder(whole, input)
        }
    }

    /// Expects of the parser's events that heads and ends of requests alternate and that a refusal is last. There may
    /// be no more responses than empty lines in the input, plus one for a refusal within a head.
    private func expectOrder(_ lines: [String], _ input: [UInt8]) {
        var isWithin = false
        var responses = 0
        for (index, line) in lines.enumerated() {
            if line.hasPrefix("body: ") || line == "unfinished" { continue }
            if line == "complete" {
                #expect(isWithin, "an end without a head: \(text(input))")
                isWithin = false
                responses += 1
            } else if line.hasPrefix("refused ") {
                #expect(index == lines.count - 1, "an event after a refusal: \(text(input))")
                responses += 1
            } else {
                #expect(!isWithin, "a head within a request: \(text(input))")
                isWithin = true
            }
        }
        #expect(responses <= emptyLines(input) + 1)
    }

    private func emptyLines(_ input: [UInt8]) -> Int {
        let ending = bytes("↵↵")
        return input.indices.count { input[$0...].starts(with: ending) }
    }
}
