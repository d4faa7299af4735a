internal import ArgumentParser

/// A command whose only or first API request is the one that `call` returns.
protocol CallingCommand: ParsableCommand {
    func call() throws -> Call
}

/// A command that sends one API request and prints the answer.
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

/// Throws if `name` is empty. An empty path segment would address the enclosing collection instead.
func checkNotEmpty(_ name: String, _ what: String) throws {
    if name.isEmpty { throw ValidationError("the \(what) is empty; give at least one character") }
}
