internal import ArgumentParser
internal import HedgehogNode
internal import Reactor
#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif
#if canImport(Glibc)
internal import Glibc
#endif

/// The `hedgehogdb` command: reads the settings, then runs one node until SIGTERM or SIGINT.
struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hedgehogdb",
        abstract: "Run one node of HedgehogDB, a replicated store of JSON items with an HTTP API.",
        discussion: """
            Each option can also be set by an environment variable (--node-id by HEDGEHOG_NODE_ID) or by a key of the \
            --config file ("node-id": "node-1"). An option takes precedence over the environment, and the environment \
            over the file. Defaults are in parentheses.
            """,
        version: Build.version)

    @Option(help: "Configuration file: a JSON object with any of these settings.")
    var config: String?

    @OptionGroup(title: "Node") var node: NodeOptions
    @OptionGroup(title: "Cluster") var cluster: ClusterOptions
    @OptionGroup(title: "Limits") var limits: LimitOptions
    @OptionGroup(title: "Log") var log: LogOptions

    func run() throws {
        do {
            let configuration = try NodeConfiguration(
                from: SettingSources(
                    flags: flags, environment: ProcessInfo.processInfo.environment, file: try fileSettings()),
                terminalOutput: isatty(STDOUT_FILENO) == 1, descriptorLimit: DescriptorLimit.raise())
            try Node(configuration).run(stoppingOn: [.terminate, .interrupt])
        } catch {
            StandardError.write("hedgehogdb: \(error)")
            throw ExitCode(1)
        }
    }

    private var flags: [Setting: String] {
        [node.settings, cluster.settings, limits.settings, log.settings]
            .reduce(into: [:]) { $0.merge($1) { first, _ in first } }
    }

    private func fileSettings() throws -> [String: String] {
        guard let config else { return [:] }
        guard let text = try? Data(contentsOf: URL(fileURLWithPath: config)) else {
            throw ConfigurationError("--config: cannot read \(config)")
        }
        guard let settings = try? JSONDecoder().decode([String: SettingValue].self, from: text) else {
            throw ConfigurationError("--config: \(config) is not a JSON object of strings, numbers and booleans")
        }
        return settings.mapValues(\.text)
    }
}

/// The value of a setting in the configuration file: a string or an integer, read as text.
private struct SettingValue: Decodable {
    let text: String

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Int.self) {
            text = String(number)
        } else {
            text = try container.decode(String.self)
        }
    }
}
