import ArgumentParser
import Cluster
import Foundation
import Simulation

@main
struct SimulateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Runs the cluster code under simulated faults and checks its consistency guarantees.",
        discussion: """
            Each seed determines one run: the same seed gives an identical run in every process. Prints one summary
            line. For a run that violates a guarantee it also prints the violation, the command that replays the run,
            and the file with its transcript, and exits with status 1.
            """)

    @Option(help: "Number of seeds.")
    var seeds = 1000

    @Option(help: "First seed.")
    var first: UInt64 = 1

    @Option(help: "Run only this seed, in this process, and print its result.")
    var seed: UInt64?

    @Flag(help: "With --seed: print the transcript.")
    var transcript = false

    @Option(help: "Number of worker processes.")
    var jobs = ProcessInfo.processInfo.activeProcessorCount

    @Option(help: "Activate this planted fault (only in a build of `make mutants`).")
    var fault: String?

    @Option(help: "Directory for the transcripts of failed seeds.")
    var transcripts = ".build/simulation"

    @Flag(help: "Check that each planted fault is detected (only in a build of `make mutants`).")
    var mutants = false

    @Flag(help: "Continue after a failed seed.")
    var keepGoing = false

    @Flag(help: .hidden)
    var worker = false

    func validate() throws {
        guard seeds > 0, jobs > 0 else { throw ValidationError("--seeds and --jobs must be at least 1") }
        if transcript, seed == nil { throw ValidationError("--transcript requires --seed") }
    }

    func run() throws {
        try plant()
        if let seed { return try replay(seed) }
        if worker { return work() }
        if mutants {
            guard try Mutants(jobs: jobs).run() else { throw ExitCode(1) }
            return
        }
        let pool = WorkerPool(
            first: first, seeds: seeds, jobs: jobs, fault: fault, stopsAtFailure: !keepGoing)
        let totals = try pool.run()
        for failure in totals.failures { try report(failure) }
        print(totals.line)
        if !totals.failures.isEmpty { throw ExitCode(1) }
    }

    private func plant() throws {
        guard let fault else { return }
        guard let planted = PlantedFault(rawValue: fault) else {
            let names = PlantedFault.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("unknown planted fault \(fault); --fault must be one of \(names)")
        }
        #if PLANTED_FAULTS
        PlantedFault.planted = planted
        #else
        throw ValidationError("this build has no planted faults such as \(planted.rawValue); use `make mutants`")
        #endif
    }

    private func replay(_ seed: UInt64) throws {
        let outcome = Run(seed: seed, keepsTranscript: transcript).execute()
        for line in outcome.transcript { print(line) }
        if let failure = outcome.failure { print("seed \(seed): \(failure)") }
        var totals = Totals()
        totals.add(outcome)
        print("\(totals.line), transcript hash \(String(outcome.transcriptHash, radix: 16))")
        if outcome.failure != nil { throw ExitCode(1) }
    }

    /// Executes the seeds as a worker process. Prints a line when a seed begins and another one when it has ended.
    private func work() {
        for seed in first..<(first + UInt64(seeds)) {
            print(WorkerMessage.begun(seed).text)
            // Standard output is flushed, because a trap in the following run would lose the line.
            fflush(nil)
            print(WorkerMessage.ended(Run(seed: seed).execute()).text)
        }
    }

    private func report(_ failure: Totals.Failure) throws {
        let command = WorkerPool.replay(failure.seed, fault: fault)
        try FileManager.default.createDirectory(atPath: transcripts, withIntermediateDirectories: true)
        let file = "\(transcripts)/seed-\(failure.seed).txt"
        guard FileManager.default.createFile(atPath: file, contents: nil) else {
            throw ValidationError("cannot write \(file)")
        }
        let process = Process()
        process.executableURL = WorkerPool.executable
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
