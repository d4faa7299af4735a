internal import CProcess

/// The command-line arguments of the process.
///
/// They come from the C library, because Swift's `CommandLine.arguments` reads `/proc/self/cmdline` on Linux: without a
/// mounted `/proc` it is empty. [A node in a container without `/proc` ignored all its flags, and served the default
/// address from the default data directory.]
package enum CommandArguments {
    /// An argument that is not text. Its description is one sentence for the user.
    package struct InvalidArgument: Error, CustomStringConvertible {
        let index: Int

        package var description: String {
            "argument \(index) is not valid UTF-8; names, paths, keys and items must be valid UTF-8"
        }
    }

    /// Returns the arguments without the name of the program. Throws if one is not valid UTF-8, because a replaced
    /// byte would make another name of it.
    package static func read() throws(InvalidArgument) -> [String] {
        var arguments: [String] = []
        for index in 1..<max(1, Int(hedgehog_argument_count())) {
            guard let text = String(validatingCString: hedgehog_argument(Int32(index))) else {
                throw InvalidArgument(index: index)
            }
            arguments.append(text)
        }
        return arguments
    }
}
