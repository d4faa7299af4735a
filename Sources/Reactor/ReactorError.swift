internal import CLibuv

/// An error of the system or of a limit of this module. `description` is a sentence for operators.
package enum ReactorError: Error, Equatable {
    /// `text` is not a valid `host:port`; `reason` states what is allowed.
    case badAddress(text: String, reason: String)
    case addressInUse(String)
    case addressNotAvailable(String)
    case permissionDenied(String)
    case descriptorsExhausted
    /// The peer has reset or closed the connection.
    case disconnected
    case workQueueFull(limit: Int)
    /// Any other error of the system: its symbolic name, such as `ENOBUFS`, and libuv's sentence for it.
    case system(name: String, explanation: String)
}

extension ReactorError {
    /// Converts libuv's `code`, a negated errno. `subject` is the address or object of the failed call; the errors that
    /// carry a text name it.
    init(code: Int32, subject: String = "") {
        switch code {
        case UV_EADDRINUSE.rawValue: self = .addressInUse(subject)
        case UV_EADDRNOTAVAIL.rawValue: self = .addressNotAvailable(subject)
        case UV_EACCES.rawValue, UV_EPERM.rawValue: self = .permissionDenied(subject)
        case UV_EMFILE.rawValue, UV_ENFILE.rawValue: self = .descriptorsExhausted
        case UV_ECONNRESET.rawValue, UV_EPIPE.rawValue, UV_ENOTCONN.rawValue: self = .disconnected
        default:
            self = .system(name: String(cString: uv_err_name(code)), explanation: String(cString: uv_strerror(code)))
        }
    }
}

extension ReactorError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .badAddress(let text, let reason): "invalid address \"\(text)\": \(reason)"
        case .addressInUse(let address): "\(address) is in use by another process"
        case .addressNotAvailable(let address): "\(address) does not belong to this machine"
        case .permissionDenied(let subject): "permission denied for \(subject)"
        case .descriptorsExhausted: "the process has no file descriptor left; raise its limit (ulimit -n)"
        case .disconnected: "the peer closed or reset the connection"
        case .workQueueFull(let limit): "the work queue is full: \(limit) jobs are pending"
        case .system(let name, let explanation): "\(explanation) (\(name))"
        }
    }
}
