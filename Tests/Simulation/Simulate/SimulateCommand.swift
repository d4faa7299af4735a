import ArgumentParser
import Cluster
import Foundation
import Simulation

@main
struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Runs the cluster's own code under simulated faults and judges what happened.",
        discussion: """
            A seed is a run: the same seed does the same, byte for byte, in every process. Prints one line when every
            promise was kept; else what was broken, the command that replays it, and where its transcript lies, and
            exits with 1.
            """)

    @Option(help: "How many seeds.")
    var seeds = 1000

    @Option(help: "The first of them.")
    var first: UInt64 = 1

    @Option(help: "Run this one seed, here, and say how it went.")
    var seed: UInt64?

    @Flag(help: "With --seed: print everything that happened.")
    var transcript = false

    @Option(help: "Processes that work side by side.")
    var jobs = ProcessInfo.processInfo.activeProcessorCount

    @Option(help: "Spoil the code in this one way (a build of `make mutants` only).")
    var fault: String?

    @Option(help: "Where transcripts of failing seeds are written.")
    var transcripts = ".build/simulation"

    @Flag(help: "Plant one fault after another, and see each caught (a build of `make mutants` only).")
    var mutants = false

    @Flag(help: "Go on after a failing seed.")
    var keepGoing = false

    @Flag(help: .hidden)
    var worker = false

    func validate() throws {
        guard seeds > 0, jobs > 0 else { throw ValidationError("--seeds and --jobs are numbers from 1") }
        if transcript, seed == nil { throw ValidationError("--transcript belongs to --seed") }
    }

    func run() throws {
        try plant()
        if let seed { return try replay(seed) }
        if worker { return work() }
        if mutants {
            guard try Mutants(jobs: jobs).run() else { throw ExitCode(1) }
            return
        }
        let fleet = Fleet(
            first: first, seeds: seeds, jobs: jobs, fault: fault, stopsAtFailure: !keepGoing)
        let totals = try fleet.run()
        for failure in totals.failures { try report(failure) }
        print(totals.line)
        if !totals.failures.isEmpty { throw ExitCode(1) }
    }

    private func plant() throws {
        guard let fault else { return }
        guard let planted = PlantedFault(rawValue: fault) else {
            let names = PlantedFault.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--fault is one of \(names), not \(fault)")
        }
        #if PLANTED_FAULTS
        PlantedFault.planted = planted
        #else
        throw ValidationError("this build has no planted faults (\(planted.rawValue)); `make mutants` makes one")
        #endif
    }

    private func replay(_ seed: UInt64) throws {
        let outcome = Run(seed: seed, keepsTranscript: transcript).play()
        for line in outcome.transcript { print(line) }
        if let failure = outcome.failure { print("seed \(seed): \(failure)") }
        var totals = Totals()
        totals.add(outcome)
        print("\(totals.line), transcript hash \(String(outcome.transcriptHash, radix: 16))")
        if outcome.failure != nil { throw ExitCode(1) }
    }

    /// For the process that started this one: a line when a seed begins, and one when it has ended.
    private func work() {
        for seed in first..<(first + UInt64(seeds)) {
            print(WorkerLine.begun(seed).text)
            // A trap would take with it what is not flushed.
            fflush(nil)
            print(WorkerLine.ended(Run(seed: seed).play()).text)
        }
    }

    private func report(_ failure: Totals.Failure) throws {
        let command = Fleet.replay(failure.seed, fault: fault)
        try FileManager.default.createDirectory(atPath: transcripts, withIntermediateDirectories: true)
        let file = "\(transcripts)/seed-\(failure.seed).txt"
        guard FileManager.default.createFile(atPath: file, contents: nil) else {
            throw ValidationError("cannot write \(file)")
        }
        let process = Process()
        process.executableURL = Fleet.executable
        process.arguments = command
        process.standardOutput = FileHandle(forWritingAtPath: file)
        process.standardError = process.standardOutput
        try process.run()
        process.waitUntilExit()
        print("seed \(failure.seed): \(failure.sentence)")
        print("  replay: simulate \(command.joined(separator: " "))")
        print("  transcript: \(file)")
    }
}
