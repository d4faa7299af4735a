internal import CLibuv

package enum ReactorError: Error, Equatable {
    /// Text that is no `host:port`; the reason says what is allowed.
    case badAddress(text: String, reason: String)
    case addressInUse(String)
    case addressNotAvailable(String)
    case permissionDenied(String)
    case descriptorsExhausted
    /// The other side has gone: reset, or a write to what it had closed.
    case disconnected
    case workQueueFull(limit: Int)
    /// Any other error of the system, by its symbolic name (`ENOBUFS`) and in words.
    case system(name: String, explanation: String)
}

extension ReactorError {
    /// `code` is libuv's, a negated errno. `subject` is what the call was about, for the errors that name it.
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
        case .badAddress(let text, let reason): "\"\(text)\" is no address: \(reason)"
        case .addressInUse(let address): "\(address) is in use by another process"
        case .addressNotAvailable(let address): "\(address) is not an address of this machine"
        case .permissionDenied(let subject): "no permission for \(subject)"
        case .descriptorsExhausted: "the process has no file descriptor left"
        case .disconnected: "the other side has closed or reset the connection"
        case .workQueueFull(let limit): "\(limit) jobs already wait for a worker thread, the most allowed"
        case .system(let name, let explanation): "\(explanation) (\(name))"
        }
    }
}
