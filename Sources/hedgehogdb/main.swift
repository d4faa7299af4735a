internal import ArgumentParser
internal import HedgehogNode
internal import Reactor

ProcessStart.prepare()
do {
    ServeCommand.main(try CommandArguments.read())
} catch {
    StandardError.write("hedgehogdb: \(error)")
    ServeCommand.exit(withError: ExitCode.validationFailure)
}
