internal import ArgumentParser

struct CreateTableCommand: ShowingCommand {
    typealias Answer = Confirmation
    static let configuration = CommandConfiguration(commandName: "create-table", abstract: "Create a table.")

    @Argument(help: "1 to 128 letters, digits, underscores, dots and dashes, but not . or .. alone.") var name: String
    @OptionGroup var server: ServerOptions

    func call() -> Call { .createTable(name) }
}

struct ListTablesCommand: ShowingCommand {
    typealias Answer = TableList
    static let configuration = CommandConfiguration(
        commandName: "list-tables", abstract: "List the tables and their item counts.")

    @OptionGroup var server: ServerOptions

    func call() -> Call { .listTables }
}

struct DeleteTableCommand: ShowingCommand {
    typealias Answer = Confirmation
    static let configuration = CommandConfiguration(
        commandName: "delete-table", abstract: "Delete a table and all its items.")

    @Argument var name: String
    @OptionGroup var server: ServerOptions

    func validate() throws {
        try checkNotEmpty(name, "table's name")
    }

    func call() -> Call { .deleteTable(name) }
}

struct CountCommand: ShowingCommand {
    typealias Answer = TableCountAnswer
    static let configuration = CommandConfiguration(commandName: "count", abstract: "Count the items of a table.")

    @Argument var table: String
    @OptionGroup var server: ServerOptions

    func validate() throws {
        try checkNotEmpty(table, "table's name")
    }

    func call() -> Call { .count(table) }
}
