internal import CCurl
#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

package enum ClientError: Error, Equatable, Sendable {
    // Before anything is sent.
    case badURL(String)
    case badHeaderLine(String)
    case tooManyInFlight(limit: Int)
    case unknownHost
    case refused
    /// No connection, for another reason than a refusal.
    case unreachable(String)
    case connectTimedOut(milliseconds: Int)
    // Perhaps after.
    case timedOut(milliseconds: Int)
    /// The connection ended before the answer did.
    case disconnected
    case malformedAnswer
    case headTooLarge(limitBytes: Int)
    case bodyTooLarge(limitBytes: Int)
    case cancelled
    /// The client was closed, before or during the request.
    case closed
    case other(String)

    /// Whether the server may have seen the request, and so may have done what it asked.
    package var mayHaveBeenSent: Bool {
        switch self {
        case .badURL, .badHeaderLine, .tooManyInFlight, .unknownHost, .refused, .unreachable, .connectTimedOut: false
        case .timedOut, .disconnected, .malformedAnswer, .headTooLarge, .bodyTooLarge, .cancelled, .closed, .other: true
        }
    }
}

extension ClientError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .badURL(let url): "\"\(url)\" is no URL that begins with http:// or https://"
        case .badHeaderLine(let line): "\"\(line)\" is no header line: a name, a colon, and printable text are allowed"
        case .tooManyInFlight(let limit): "\(limit) requests are under way already, the most allowed"
        case .unknownHost: "the host's name is not known"
        case .refused: "the connection was refused; nothing listens there"
        case .unreachable(let reason): "no connection: \(reason)"
        case .connectTimedOut(let milliseconds): "no connection within \(milliseconds) ms"
        case .timedOut(let milliseconds): "no complete answer within \(milliseconds) ms"
        case .disconnected: "the connection ended before the answer did"
        case .malformedAnswer: "what answers there does not speak HTTP/1.1"
        case .headTooLarge(let limit): "the head of the answer is longer than the \(limit) bytes allowed"
        case .bodyTooLarge(let limit): "the body of the answer is longer than the \(limit) bytes allowed"
        case .cancelled: "the request was cancelled"
        case .closed: "the client is closed"
        case .other(let reason): reason
        }
    }
}

/// What there is to know of a transfer that failed, beside curl's code.
struct FailedAttempt {
    let url: String
    let connectTimeoutMilliseconds: Int
    let timeoutMilliseconds: Int
    /// Over all connections that were tried.
    let bytesSent: Int
    /// The errno of the last connection attempt that failed, or 0.
    let systemError: Int32
}

extension ClientError {
    /// After a kept connection died curl tries another by itself, so a refusal tells nothing about the first try; only
    /// `bytesSent` does.
    init(_ code: CURLcode, _ attempt: FailedAttempt) {
        let explanation = Self.explanation(code, attempt.systemError)
        let hasSent = attempt.bytesSent > 0
        switch code {
        case CURLE_URL_MALFORMAT: self = .badURL(attempt.url)
        case CURLE_COULDNT_RESOLVE_HOST where !hasSent: self = .unknownHost
        case CURLE_COULDNT_CONNECT where !hasSent && attempt.systemError == ECONNREFUSED: self = .refused
        case CURLE_COULDNT_CONNECT where !hasSent: self = .unreachable(explanation)
        case CURLE_OPERATION_TIMEDOUT where !hasSent:
            self = .connectTimedOut(milliseconds: attempt.connectTimeoutMilliseconds)
        case CURLE_OPERATION_TIMEDOUT: self = .timedOut(milliseconds: attempt.timeoutMilliseconds)
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY: self = .malformedAnswer
        case CURLE_COULDNT_CONNECT, CURLE_COULDNT_RESOLVE_HOST, CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR,
            CURLE_PARTIAL_FILE:
            self = .disconnected
        default: self = .other(explanation)
        }
    }

    private static func explanation(_ code: CURLcode, _ systemError: Int32) -> String {
        guard systemError != 0, let words = strerror(systemError) else {
            return String(cString: curl_easy_strerror(code))
        }
        return String(cString: words)
    }
}
