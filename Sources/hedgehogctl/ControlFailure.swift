internal import HTTPClient

/// Why a command could not be done.
enum ControlFailure: Error, Equatable {
    case badAddress(String)
    /// The request did not get an answer. `isWrite` says whether one might have changed something.
    case noAnswer(ClientError, address: ServerAddress, isWrite: Bool)
    case refused(ServerRefusal)
    case strangeAnswer(String)
    /// No node keeps spans of it; the sentences say why that may be.
    case noSpans(TraceSubject, reasons: [String])
    case unreadableInput(String, reason: String)
    case inputTooLarge(String)
    case outputFailed(reason: String)
    /// Who reads our output has read enough, as `head` does.
    case outputClosed
}

extension ControlFailure: CustomStringConvertible {
    var description: String {
        switch self {
        case .badAddress(let text):
            "\"\(printable(text))\" is no server's address; one looks like \(ServerAddress.standard)"
        case .noAnswer(let error, let address, let isWrite): Self.describe(error, address, isWrite)
        case .refused(let refusal): refusal.description
        case .strangeAnswer(let what): "the answer is not one of HedgehogDB: \(what)"
        case .noSpans(let subject, let reasons):
            "no node that answered keeps spans of \(printable(subject.description)):"
                + reasons.map { "\n  - " + printable($0) }.joined()
        case .unreadableInput(let path, let reason): "\(printable(path)) cannot be read: \(reason)"
        case .inputTooLarge(let path):
            "\(printable(path)) is larger than the \(ControlLimits.inputBytes >> 20) MiB that are read"
        case .outputFailed(let reason): "the output cannot be written: \(reason)"
        case .outputClosed: "the output was closed"
        }
    }

    private static func describe(_ error: ClientError, _ address: ServerAddress, _ isWrite: Bool) -> String {
        switch error {
        case .refused, .unknownHost, .unreachable, .connectTimedOut:
            "no node answers at \(address) (\(error)): start one there, or name another by --url or HEDGEHOG_URL"
        case _ where isWrite && error.mayHaveBeenSent:
            "\(address): \(error); what was asked may have been done, and is safe to ask again"
        default: "\(address): \(error)"
        }
    }

    /// The one of a shell whose command died of a closed pipe, or plainly 1.
    var exitCode: Int32 {
        self == .outputClosed ? 141 : 1
    }
}
