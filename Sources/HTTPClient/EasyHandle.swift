internal import CCurl

/// Curl's handle of one request at a time. Reused, because it keeps its buffers; everything is set anew for each
/// request, so nothing of the one before remains.
final class EasyHandle {
    let raw: UnsafeMutableRawPointer
    private var headerList: UnsafeMutablePointer<curl_slist>?

    init() {
        guard let raw = curl_easy_init() else { preconditionFailure("curl has no memory for a handle") }
        self.raw = raw
    }

    deinit {
        curl_easy_cleanup(raw)
        curl_slist_free_all(headerList)
    }

    /// `transfer` takes the answer and `curl` owns the sockets; both must outlive the request.
    func configure(_ request: ClientRequest, transfer: Transfer, curl: CurlLoop) {
        configureConnection(curl)
        configure(request.certificates)
        set(CURLOPT_URL, request.url)
        set(CURLOPT_CONNECTTIMEOUT_MS, request.connectTimeoutMilliseconds)
        set(CURLOPT_TIMEOUT_MS, request.timeoutMilliseconds)
        setMethod(request)
        setHeaderLines(request)
        // The size of an element, which comes between pointer and count, is always 1.
        set(CURLOPT_WRITEFUNCTION) { bytes, _, count, context in
            owner(context, as: Transfer.self).takeBody(UnsafeRawBufferPointer(start: bytes, count: count))
        }
        set(CURLOPT_HEADERFUNCTION) { bytes, _, count, context in
            owner(context, as: Transfer.self).takeHead(UnsafeRawBufferPointer(start: bytes, count: count))
        }
        set(CURLOPT_WRITEDATA, borrowedPointer(to: transfer))
        set(CURLOPT_HEADERDATA, borrowedPointer(to: transfer))
    }

    /// Lets go of the body and of all else that belonged to the request. Not while it is added to a multi handle.
    func reset() {
        curl_easy_reset(raw)
        curl_slist_free_all(headerList)
        headerList = nil
    }

    private func configureConnection(_ curl: CurlLoop) {
        set(CURLOPT_NOSIGNAL, 1)
        // A name that is still being looked up when its request ends is left to the resolver's thread: to wait for that
        // would hold the loop.
        set(CURLOPT_QUICK_EXIT, 1)
        set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        // No proxy, whatever the environment says: peers are dialled, and a proxy's error would pass for theirs.
        set(CURLOPT_PROXY, "")
        // A key may be "..".
        set(CURLOPT_PATH_AS_IS, 1)
        check(hedgehog_curl_set_open_socket(raw) { owner($0, as: CurlLoop.self).open($2) })
        check(hedgehog_curl_set_close_socket(raw) { owner($0, as: CurlLoop.self).close($1) })
        set(CURLOPT_OPENSOCKETDATA, borrowedPointer(to: curl))
        set(CURLOPT_CLOSESOCKETDATA, borrowedPointer(to: curl))
    }

    /// A file that is not there, or not what it should be, fails the request and not this.
    private func configure(_ certificates: ClientCertificates) {
        if let path = certificates.authorities { set(CURLOPT_CAINFO, path) }
        if let path = certificates.own { set(CURLOPT_SSLCERT, path) }
        if let path = certificates.key { set(CURLOPT_SSLKEY, path) }
    }

    private func setMethod(_ request: ClientRequest) {
        switch request.method {
        case .get: set(CURLOPT_HTTPGET, 1)
        case .head: set(CURLOPT_NOBODY, 1)
        case .delete: set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
        case .put, .post:
            set(CURLOPT_POST, 1)
            set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
            check(hedgehog_curl_set_offset(raw, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.count)))
            // Copied by curl: one memcpy, for which no pointer of ours has to live as long as the transfer.
            guard !request.body.isEmpty else { return set(CURLOPT_COPYPOSTFIELDS, "") }
            request.body.withUnsafeBytes { set(CURLOPT_COPYPOSTFIELDS, $0.baseAddress) }
        }
    }

    /// A bare `Name:` keeps curl from adding that field by itself. `Expect: 100-continue`, which it adds to bodies
    /// above 1 MiB, costs a second where a server ignores it.
    private func setHeaderLines(_ request: ClientRequest) {
        for line in request.headerLines + ["Expect:", "Accept:", "Content-Type:"] {
            guard let longer = curl_slist_append(headerList, line) else {
                preconditionFailure("curl has no memory for a header line")
            }
            headerList = longer
        }
        set(CURLOPT_HTTPHEADER, headerList.map { UnsafeRawPointer($0) })
    }
}

// What became of a request.
extension EasyHandle {
    /// Of the request, on whatever connection.
    var bytesSent: Int { long(CURLINFO_REQUEST_SIZE) }

    /// The errno of the last failed connection attempt, or 0.
    var systemError: Int32 { Int32(truncatingIfNeeded: long(CURLINFO_OS_ERRNO)) }

    private func long(_ name: CURLINFO) -> Int {
        var value = 0
        check(hedgehog_curl_get_long(raw, name, &value))
        return value
    }
}

// Curl refuses an option only if it was built without it or has no memory; neither can be mended at run time.
extension EasyHandle {
    private func set(_ option: CURLoption, _ value: Int) {
        check(hedgehog_curl_set_long(raw, option, value))
    }

    private func set(_ option: CURLoption, _ value: UnsafeRawPointer?) {
        check(hedgehog_curl_set_pointer(raw, option, value))
    }

    private func set(_ option: CURLoption, _ text: String) {
        text.withCString { check(hedgehog_curl_set_pointer(raw, option, $0)) }
    }

    private func set(_ option: CURLoption, _ callback: @escaping hedgehog_curl_write_callback) {
        check(hedgehog_curl_set_write(raw, option, callback))
    }

    private func check(_ code: CURLcode) {
        precondition(code == CURLE_OK, "curl refused an option: \(String(cString: curl_easy_strerror(code)))")
    }
}
