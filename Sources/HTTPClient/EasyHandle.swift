internal import CCurl

/// Curl's easy handle, which executes one request at a time. Handles are reused because they keep their buffers. All
/// options are reset and set again for each request, so nothing remains of the previous one.
final class EasyHandle {
    let raw: UnsafeMutableRawPointer
    private var headerList: UnsafeMutablePointer<curl_slist>?

    init() {
        guard let raw = curl_easy_init() else { preconditionFailure("curl cannot allocate an easy handle") }
        self.raw = raw
    }

    deinit {
        curl_easy_cleanup(raw)
        curl_slist_free_all(headerList)
    }

    /// Sets all options for `request`. `transfer` receives the response and `curl` owns the sockets; both must outlive
    /// the request.
    func configure(_ request: ClientRequest, transfer: Transfer, curl: CurlLoop) {
        configureConnection(curl)
        configure(request.certificates)
        set(CURLOPT_URL, request.url)
        set(CURLOPT_CONNECTTIMEOUT_MS, request.connectTimeoutMilliseconds)
        set(CURLOPT_TIMEOUT_MS, request.timeoutMilliseconds)
        setMethod(request)
        setHeaderLines(request)
        // Curl passes the number of bytes as a size of one element and a count of elements. The size is always 1, so it
        // is ignored.
        set(CURLOPT_WRITEFUNCTION) { bytes, _, count, context in
            owner(context, as: Transfer.self).appendBody(UnsafeRawBufferPointer(start: bytes, count: count))
        }
        set(CURLOPT_HEADERFUNCTION) { bytes, _, count, context in
            owner(context, as: Transfer.self).appendHead(UnsafeRawBufferPointer(start: bytes, count: count))
        }
        set(CURLOPT_WRITEDATA, borrowedPointer(to: transfer))
        set(CURLOPT_HEADERDATA, borrowedPointer(to: transfer))
    }

    /// Releases the body and everything else of the request. Must not be called while the handle is added to a multi
    /// handle.
    func reset() {
        curl_easy_reset(raw)
        curl_slist_free_all(headerList)
        headerList = nil
    }

    private func configureConnection(_ curl: CurlLoop) {
        set(CURLOPT_NOSIGNAL, 1)
        // When a request ends while its host name is being resolved, the resolver's thread is left to end by itself.
        // Waiting for it would block the loop.
        set(CURLOPT_QUICK_EXIT, 1)
        set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        // No proxy is used, whatever the environment says: a proxy's error would be mistaken for one of the peer.
        set(CURLOPT_PROXY, "")
        // Curl keeps dot segments in the path of the URL, since a key may be "..".
        set(CURLOPT_PATH_AS_IS, 1)
        check(hedgehog_curl_set_open_socket(raw) { owner($0, as: CurlLoop.self).open($2) })
        check(hedgehog_curl_set_close_socket(raw) { owner($0, as: CurlLoop.self).close($1) })
        set(CURLOPT_OPENSOCKETDATA, borrowedPointer(to: curl))
        set(CURLOPT_CLOSESOCKETDATA, borrowedPointer(to: curl))
    }

    /// Sets the files for TLS. A missing or invalid file makes the request fail later; it is not checked here.
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
            // Curl copies the body, which costs one memcpy. In return no Swift memory must stay valid during the
            // transfer.
            guard !request.body.isEmpty else { return set(CURLOPT_COPYPOSTFIELDS, "") }
            request.body.withUnsafeBytes { set(CURLOPT_COPYPOSTFIELDS, $0.baseAddress) }
        }
    }

    /// A header line of the form `Name:` keeps curl from adding that field by itself. For a body above 1 MiB, curl
    /// would add `Expect: 100-continue`, which delays the request by one second if the server ignores it.
    private func setHeaderLines(_ request: ClientRequest) {
        for line in request.headerLines + ["Expect:", "Accept:", "Content-Type:"] {
            guard let longer = curl_slist_append(headerList, line) else {
                preconditionFailure("curl cannot allocate a header line")
            }
            headerList = longer
        }
        set(CURLOPT_HTTPHEADER, headerList.map { UnsafeRawPointer($0) })
    }
}

// MARK: Reading what curl recorded about a request that has ended

extension EasyHandle {
    /// Bytes of the request sent, on all connections together.
    var bytesSent: Int { long(CURLINFO_REQUEST_SIZE) }

    /// The errno of the last failed connection attempt, or 0.
    var systemError: Int32 { Int32(truncatingIfNeeded: long(CURLINFO_OS_ERRNO)) }

    private func long(_ name: CURLINFO) -> Int {
        var value = 0
        check(hedgehog_curl_get_long(raw, name, &value))
        return value
    }
}

// Curl rejects an option only if it was built without it or cannot allocate memory; neither can be handled at run time.
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
        precondition(code == CURLE_OK, "curl rejected an option: \(String(cString: curl_easy_strerror(code)))")
    }
}
