internal import ArgumentParser
internal import Reactor

do {
    ControlCommand.main(try CommandArguments.read())
} catch {
    Output.complain("\(error)")
    ControlCommand.exit(withError: ExitCode.validationFailure)
}
