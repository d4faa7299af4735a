internal import ArgumentParser

struct CreateTable: ShowingCommand {
    typealias Answer = Confirmation
    static let configuration = CommandConfiguration(abstract: "Create a table.")

    @Argument(help: "1 to 128 letters, digits, underscores, dots and dashes.") var name: String
    @OptionGroup var server: ServerOptions

    func call() -> Call { .createTable(name) }
}

struct ListTables: ShowingCommand {
    typealias Answer = TableList
    static let configuration = CommandConfiguration(abstract: "List the tables and how many items each has.")

    @OptionGroup var server: ServerOptions

    func call() -> Call { .listTables }
}

struct DeleteTable: ShowingCommand {
    typealias Answer = Confirmation
    static let configuration = CommandConfiguration(abstract: "Delete a table and all that is in it.")

    @Argument var name: String
    @OptionGroup var server: ServerOptions

    func validate() throws {
        try checkNotEmpty(name, "table's name")
    }

    func call() -> Call { .deleteTable(name) }
}

struct Count: ShowingCommand {
    typealias Answer = TableCount
    static let configuration = CommandConfiguration(abstract: "Count the items of a table.")

    @Argument var table: String
    @OptionGroup var server: ServerOptions

    func validate() throws {
        try checkNotEmpty(table, "table's name")
    }

    func call() -> Call { .count(table) }
}
