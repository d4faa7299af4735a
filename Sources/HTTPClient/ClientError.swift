internal import CCurl
#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// The reason why a request has no response. `description` is a sentence for operators.
package enum ClientError: Error, Equatable, Sendable {
    // Errors after which the server has received nothing of the request:
    case badURL(String)
    case badHeaderLine(String)
    case tooManyInFlight(limit: Int)
    case unknownHost
    /// The host refused the connection.
    case refused
    /// The connection failed for another reason than a refusal.
    case unreachable(String)
    case connectTimedOut(milliseconds: Int)
    // Errors after which the server may have received the request:
    case timedOut(milliseconds: Int)
    /// The connection ended before the response was complete.
    case disconnected
    case malformedResponse
    case headTooLarge(limitBytes: Int)
    case bodyTooLarge(limitBytes: Int)
    case cancelled
    /// The client was closed, before or during the request.
    case closed
    case other(String)

    /// Whether the server may have received the request, and so may have executed it.
    package var mayHaveBeenSent: Bool {
        switch self {
        case .badURL, .badHeaderLine, .tooManyInFlight, .unknownHost, .refused, .unreachable, .connectTimedOut: false
        case .timedOut, .disconnected, .malformedResponse, .headTooLarge, .bodyTooLarge, .cancelled, .closed, .other:
            true
        }
    }
}

extension ClientError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .badURL(let url): "invalid URL \"\(url)\": it must begin with http:// or https://"
        case .badHeaderLine(let line): "invalid header line \"\(line)\": it must be a name, a colon and printable text"
        case .tooManyInFlight(let limit): "the limit of \(limit) requests in flight is reached"
        case .unknownHost: "the host name cannot be resolved"
        case .refused: "connection refused; nothing listens on that port"
        case .unreachable(let reason): "cannot connect: \(reason)"
        case .connectTimedOut(let milliseconds): "no connection within \(milliseconds) ms"
        case .timedOut(let milliseconds): "no complete response within \(milliseconds) ms"
        case .disconnected: "the connection ended before the response was complete"
        case .malformedResponse: "the response is not HTTP/1.1"
        case .headTooLarge(let limit): "the head of the response is longer than the \(limit) bytes allowed"
        case .bodyTooLarge(let limit): "the body of the response is longer than the \(limit) bytes allowed"
        case .cancelled: "the request was cancelled"
        case .closed: "the client is closed"
        case .other(let reason): reason
        }
    }
}

/// The facts about a failed transfer that curl's error code does not include.
struct FailedAttempt {
    let url: String
    let connectTimeoutMilliseconds: Int
    let timeoutMilliseconds: Int
    /// Bytes of the request sent, on all connections that were tried together.
    let bytesSent: Int
    /// The errno of the last connection attempt that failed, or 0.
    let systemError: Int32
}

extension ClientError {
    /// Classifies curl's `code`. When a reused connection is dead, curl tries another one by itself. A refusal of the
    /// second attempt does not mean that the first sent nothing; only `bytesSent` shows that.
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
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY: self = .malformedResponse
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
