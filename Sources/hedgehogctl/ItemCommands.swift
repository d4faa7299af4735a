internal import ArgumentParser

extension Consistency: ExpressibleByArgument {}

/// A table, a key in it, and how they are to be treated.
struct ItemOptions: ParsableArguments {
    @Argument var table: String
    @Argument(help: "Any text; what a path could not hold is encoded.") var key: String
    @Option(help: "strong or eventual; the server's default is eventual.") var consistency: Consistency?

    func validate() throws {
        try checkNotEmpty(table, "table's name")
        try checkNotEmpty(key, "key")
    }
}

struct Get: CallingCommand {
    static let configuration = CommandConfiguration(abstract: "Print one item, byte for byte as it is stored.")

    @OptionGroup var item: ItemOptions
    @OptionGroup var server: ServerOptions

    func call() -> Call { .get(item.table, item.key, item.consistency) }

    func run() throws {
        try server.run { session in
            let response = try session.answer(to: call())
            if session.showsJSON { return try session.output.write(response.body) }
            guard let stored = JSONMembers(response.body[...])["item"] else {
                throw ControlFailure.strangeAnswer("it has no item")
            }
            try session.output.write(stored)
            try session.output.write("\n")
        }
    }
}

struct Put: CallingCommand {
    static let configuration = CommandConfiguration(abstract: "Store one item, in place of the one before it.")

    @OptionGroup var item: ItemOptions
    @Argument(help: "The item, a JSON object; - reads it from standard input.") var json: String?
    @Option(help: "Read the item from this file.") var file: String?
    @OptionGroup var server: ServerOptions

    func validate() throws {
        if ItemSource(argument: json, file: file) == nil {
            throw ValidationError("give the item either as JSON, as - for standard input, or by --file")
        }
    }

    func call() throws -> Call {
        guard let source = ItemSource(argument: json, file: file) else {
            preconditionFailure("a command ran that had not been validated")
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

struct Delete: ShowingCommand {
    typealias Answer = Confirmation
    static let configuration = CommandConfiguration(abstract: "Delete one item.")

    @OptionGroup var item: ItemOptions
    @OptionGroup var server: ServerOptions

    func call() -> Call { .delete(item.table, item.key, item.consistency) }
}
