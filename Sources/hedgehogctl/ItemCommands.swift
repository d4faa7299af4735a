internal import ArgumentParser

extension ConsistencyOption: ExpressibleByArgument {}

/// The arguments of every command for one item: table, key and consistency.
struct ItemOptions: ParsableArguments {
    @Argument var table: String
    @Argument(help: "The item's key: any text of up to 1024 bytes but . and .. alone.") var key: String
    @Option(help: "strong or eventual (the server's default is eventual).") var consistency: ConsistencyOption?

    func validate() throws {
        try checkNotEmpty(table, "table's name")
        try checkNotEmpty(key, "key")
    }
}

struct GetCommand: CallingCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Print one item, byte for byte as it is stored.")

    @OptionGroup var item: ItemOptions
    @OptionGroup var server: ServerOptions

    func call() -> Call { .get(item.table, item.key, item.consistency) }

    func run() throws {
        try server.run { session in
            let response = try session.answer(to: call())
            if session.showsJSON { return try session.output.write(response.body) }
            guard let stored = JSONMembers(response.body[...])["item"] else {
                throw ControlFailure.invalidAnswer("it has no \"item\"")
            }
            try session.output.write(stored)
            try session.output.write("\n")
        }
    }
}

struct PutCommand: CallingCommand {
    static let configuration = CommandConfiguration(
        commandName: "put", abstract: "Store one item; an existing item under the same key is replaced.")

    @OptionGroup var item: ItemOptions
    @Argument(help: "The item, a JSON object; - reads the item from standard input.") var json: String?
    @Option(help: "Read the item from this file.") var file: String?
    @OptionGroup var server: ServerOptions

    func validate() throws {
        if ItemSource(argument: json, file: file) == nil {
            throw ValidationError("give the item once: as JSON text, as - for standard input, or with --file")
        }
    }

    func call() throws -> Call {
        guard let source = ItemSource(argument: json, file: file) else {
            preconditionFailure("a command ran without being validated")
        }
        return .put(item.table, item.key, try source.read(), item.consistency)
    }

    func run() throws {
        try server.run { session in
            let response = try session.answer(to: call())
            if session.showsJSON { return try session.output.write(response.body) }
            let version = response.headers["ETag"].map { ", version \(printable($0.filter { $0 != "\"" }))" } ?? ""
            try session.output.write("saved \(printableKey(item.key))\(version)\n")
        }
    }
}

struct DeleteCommand: ShowingCommand {
    typealias Answer = Confirmation
    static let configuration = CommandConfiguration(commandName: "delete", abstract: "Delete one item.")

    @OptionGroup var item: ItemOptions
    @OptionGroup var server: ServerOptions

    func call() -> Call { .delete(item.table, item.key, item.consistency) }
}
