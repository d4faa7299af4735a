internal import ArgumentParser
#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The options that every command has, and the function that runs a command's work with them.
struct ServerOptions: ParsableArguments {
    @Option(help: "Address of the node, such as \(ServerAddress.standard); overrides \(ServerAddress.variable).")
    var url: String?

    @Flag(help: "Print the server's JSON answer unchanged.")
    var json = false

    /// Runs the work of a command with a connection to the node and flushes the output. A failure is printed on
    /// standard error and sets the exit code.
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
