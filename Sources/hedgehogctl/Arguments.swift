internal import ArgumentParser

/// Exits with code 64 if an argument is not UTF-8. Swift would replace the invalid bytes, and the key would then name
/// another item.
func refuseInvalidArguments() {
    for index in 0..<Int(CommandLine.argc) {
        guard let argument = CommandLine.unsafeArgv[index], String(validatingCString: argument) == nil else { continue }
        Output.complain("argument \(index) is not valid UTF-8; names, keys and items must be valid UTF-8")
        ControlCommand.exit(withError: ExitCode.validationFailure)
    }
}
