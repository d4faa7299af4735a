internal import ArgumentParser

/// A command whose work is a call, or begins with one.
protocol CallingCommand: ParsableCommand {
    func call() throws -> Call
}

/// A command that is done when the answer to its call is shown.
protocol ShowingCommand: CallingCommand {
    associatedtype Answer: ServerAnswer

    var server: ServerOptions { get }
}

extension ShowingCommand {
    func run() throws { try show() }

    func show() throws {
        try server.run { session in
            let response = try session.answer(to: call())
            if session.showsJSON {
                try session.output.write(response.body)
            } else {
                try session.output.write(Answer(decodingJSON: response.body).text)
            }
        }
    }
}

/// An empty name would make another path: that of the collection it is in.
func checkNotEmpty(_ name: String, _ what: String) throws {
    if name.isEmpty { throw ValidationError("the \(what) is empty") }
}
