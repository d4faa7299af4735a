internal import ArgumentParser
#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// What every command takes, and how every command runs.
struct ServerOptions: ParsableArguments {
    @Option(help: "The node to ask, as \(ServerAddress.standard); beats \(ServerAddress.variable).")
    var url: String?

    @Flag(help: "Print the server's answer as it is.")
    var json = false

    /// Gives `body` a session and flushes what it wrote; a failure goes to standard error and becomes the exit code.
    func run(_ body: (Session) throws -> Void) throws {
        do {
            let variable = ProcessInfo.processInfo.environment[ServerAddress.variable]
            let session = try Session(
                address: ServerAddress(option: url, environment: variable), showsJSON: json)
            defer { session.close() }
            let result = Result { try body(session) }
            try session.output.flush()
            try result.get()
        } catch {
            let failure = error as? ControlFailure
            if failure != .outputClosed { Output.complain("\(error)") }
            throw ExitCode(failure?.exitCode ?? 1)
        }
    }
}
