internal import CCurl
internal import Reactor

/// Curl's multi handle, driven by an event loop. A poller watches each socket and a timer keeps curl's timeout; both
/// call into curl. At the end of every loop iteration in which curl ran, `onProgress` is called once, from outside
/// curl, to look for transfers that have ended: a transfer may end inside any call of curl, whatever its purpose.
final class CurlLoop {
    private let loop: EventLoop
    private let timer: Timer
    private let multi: UnsafeMutableRawPointer
    private var sockets = SocketTable()
    private var isOpen = true
    private var progressIsEnqueued = false
    /// Called at the end of every loop iteration in which curl ran, to look for transfers that have ended. The HTTP
    /// client that owns this object sets it once; the closure keeps the client alive until `close`.
    var onProgress: (() -> Void)?

    init(loop: EventLoop, maximumConnections: Int) {
        precondition(Self.isInitialised, "curl cannot be initialised")
        guard let multi = curl_multi_init() else { preconditionFailure("curl cannot allocate a multi handle") }
        self.loop = loop
        self.multi = multi
        timer = Timer(loop: loop)
        check(hedgehog_curl_multi_set_long(multi, CURLMOPT_PIPELINING, 0))
        check(hedgehog_curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, maximumConnections))
        check(hedgehog_curl_multi_set_pointer(multi, CURLMOPT_SOCKETDATA, borrowedPointer(to: self)))
        check(hedgehog_curl_multi_set_pointer(multi, CURLMOPT_TIMERDATA, borrowedPointer(to: self)))
        check(
            hedgehog_curl_multi_set_socket(multi) { _, socket, request, context, _ in
                owner(context, as: CurlLoop.self).watch(socket, request)
            })
        check(
            hedgehog_curl_multi_set_timer(multi) { _, milliseconds, context in
                owner(context, as: CurlLoop.self).arm(milliseconds)
            })
    }

    static var libraryVersion: String { String(cString: hedgehog_curl_version()) }

    /// Initialises curl once for the process. It is never cleaned up: the process ends with it.
    private static let isInitialised = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    private func check(_ code: CURLMcode) {
        precondition(code == CURLM_OK, "a call of curl failed: \(String(cString: curl_multi_strerror(code)))")
    }
}

// MARK: Adding and removing transfers, finding ended ones, never from inside a callback of curl

extension CurlLoop {
    var openSocketCount: Int { sockets.count }

    func add(_ handle: EasyHandle) {
        check(curl_multi_add_handle(multi, handle.raw))
        noteProgress()
    }

    /// Removes an easy handle from curl's multi handle. Must be called before the handle is reused or dropped.
    func remove(_ handle: EasyHandle) {
        check(curl_multi_remove_handle(multi, handle.raw))
        noteProgress()
    }

    /// Returns the handle and the result code of a transfer that has ended, or nil when there is no other.
    func nextEnded() -> (handle: UnsafeMutableRawPointer, code: CURLcode)? {
        var waiting: Int32 = 0
        while let message = curl_multi_info_read(multi, &waiting) {
            guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle else { continue }
            return (handle, hedgehog_curl_message_result(message))
        }
        return nil
    }

    /// Closes every connection. All handles must have been removed before.
    func close() {
        precondition(isOpen, "curl was closed twice")
        isOpen = false
        check(curl_multi_cleanup(multi))
        timer.close()
        onProgress = nil
    }
}

// MARK: Calls into curl

extension CurlLoop {
    private func act(_ socket: curl_socket_t, _ events: Int32) {
        var running: Int32 = 0
        check(curl_multi_socket_action(multi, socket, events, &running))
        noteProgress()
    }

    private func report(_ event: Result<SocketEvents, ReactorError>, on socket: curl_socket_t) {
        switch (sockets.react(to: event, on: socket), event) {
        case (.notifyCurl, .success(let events)): act(socket, events.curlEvents)
        case (.notifyCurl, .failure): act(socket, CURL_CSELECT_IN | CURL_CSELECT_OUT | CURL_CSELECT_ERR)
        // The connection is severed, because curl 7.88 would send the next request on it and take bytes that came
        // before that request for its response.
        case (.sever, _): hedgehog_curl_sever(socket)
        case (.ignore, _): break
        }
    }

    private func noteProgress() {
        guard !progressIsEnqueued else { return }
        progressIsEnqueued = true
        loop.enqueue {
            self.progressIsEnqueued = false
            self.onProgress?()
        }
    }
}

// MARK: Callbacks of curl, which must not call curl

extension CurlLoop {
    /// Sets the timer to the timeout that curl asks for. A timeout of 0 also runs through the timer, because curl must
    /// not be called again while it is on the call stack.
    private func arm(_ milliseconds: Int) -> Int32 {
        guard isOpen else { return 0 }
        if milliseconds < 0 {
            timer.stop()
        } else {
            timer.start(afterMilliseconds: UInt64(milliseconds)) { self.act(CURL_SOCKET_TIMEOUT, 0) }
        }
        return 0
    }

    private func watch(_ socket: curl_socket_t, _ request: Int32) -> Int32 {
        guard request != CURL_POLL_REMOVE else {
            sockets.unwatch(socket)
            return 0
        }
        do {
            try sockets.watch(socket, for: SocketEvents(curlPoll: request), on: loop) { self.report($0, on: socket) }
            return 0
        } catch {
            return -1
        }
    }

    func open(_ address: UnsafeMutablePointer<curl_sockaddr>?) -> curl_socket_t {
        guard let address else { preconditionFailure("curl opened a socket without an address") }
        let socket = hedgehog_curl_open_socket(address)
        if socket >= 0 { sockets.didOpen(socket) }
        return socket
    }

    func close(_ socket: curl_socket_t) -> Int32 {
        sockets.willClose(socket)
        return hedgehog_curl_close_socket(socket)
    }
}

extension SocketEvents {
    fileprivate init(curlPoll: Int32) {
        switch curlPoll {
        case CURL_POLL_IN: self = .readable
        case CURL_POLL_OUT: self = .writable
        case CURL_POLL_INOUT: self = [.readable, .writable]
        default: preconditionFailure("curl asked for an unknown event of a socket")
        }
    }

    fileprivate var curlEvents: Int32 {
        (contains(.readable) ? CURL_CSELECT_IN : 0) | (contains(.writable) ? CURL_CSELECT_OUT : 0)
    }
}
