internal import HTTPClient

/// The reason why a command failed. Its description is printed on standard error.
enum ControlFailure: Error, Equatable {
    case badAddress(String)
    /// The node did not answer. `isWrite` is true if the request may have changed data.
    case noAnswer(ClientError, address: ServerAddress, isWrite: Bool)
    case refused(ServerRefusal)
    /// The node's answer does not have the form that HedgehogDB's API has.
    case invalidAnswer(String)
    /// No node holds spans of the trace or request. `reasons` are the possible causes, one sentence each.
    case noSpans(TraceSubject, reasons: [String])
    case unreadableInput(String, reason: String)
    case inputTooLarge(String)
    case outputFailed(reason: String)
    /// The reader of the output closed its end of the pipe, as `head` does.
    case outputClosed
}

extension ControlFailure: CustomStringConvertible {
    var description: String {
        switch self {
        case .badAddress(let text):
            "\"\(printable(text))\" is not a server address; give one such as \(ServerAddress.standard)"
        case .noAnswer(let error, let address, let isWrite): Self.describe(error, address, isWrite)
        case .refused(let refusal): refusal.description
        case .invalidAnswer(let what):
            "the answer is not a HedgehogDB answer: \(what); check that --url or \(ServerAddress.variable) names a node"
        case .noSpans(let subject, let reasons):
            "no node that answered holds spans of \(printable(subject.description)); possible reasons:"
                + reasons.map { "\n  - " + printable($0) }.joined()
        case .unreadableInput(let path, let reason): "cannot read \(printable(path)): \(reason)"
        case .inputTooLarge(let path):
            "\(printable(path)) is larger than \(ControlLimits.inputBytes >> 20) MiB, the most that is read"
        case .outputFailed(let reason): "cannot write the output: \(reason)"
        case .outputClosed: "the reader closed the output"
        }
    }

    private static func describe(_ error: ClientError, _ address: ServerAddress, _ isWrite: Bool) -> String {
        switch error {
        case .refused, .unknownHost, .unreachable, .connectTimedOut:
            "no node answers at \(address) (\(error)): start one there, or name another with --url or HEDGEHOG_URL"
        case _ where isWrite && error.mayHaveBeenSent:
            "no answer from \(address): \(error); the change may have been applied; it is safe to repeat the command"
        default: "no answer from \(address): \(error)"
        }
    }

    /// The exit code of a command that failed: 141 for closed output, as shells report a command that SIGPIPE ended; 1
    /// for every other failure.
    var exitCode: Int32 {
        self == .outputClosed ? 141 : 1
    }
}
