internal import ArgumentParser

/// Swift repairs arguments that are not UTF-8, and a repaired key is the name of another item.
func refuseInvalidArguments() {
    for index in 0..<Int(CommandLine.argc) {
        guard let argument = CommandLine.unsafeArgv[index], String(validatingCString: argument) == nil else { continue }
        Output.complain("argument \(index) is not valid UTF-8, which names, keys and items must be")
        ControlCommand.exit(withError: ExitCode.validationFailure)
    }
}
