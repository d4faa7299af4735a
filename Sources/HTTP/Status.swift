/// A status code and its complete status line, line end included, to be copied into a response.
package struct Status: Sendable {
    package let code: UInt16
    package let line: StaticString

    private init(_ code: UInt16, _ line: StaticString) {
        self.code = code
        self.line = line
    }

    package static let `continue` = Status(100, "HTTP/1.1 100 Continue\r\n")
    package static let ok = Status(200, "HTTP/1.1 200 OK\r\n")
    package static let created = Status(201, "HTTP/1.1 201 Created\r\n")
    package static let noContent = Status(204, "HTTP/1.1 204 No Content\r\n")
    package static let notModified = Status(304, "HTTP/1.1 304 Not Modified\r\n")
    package static let badRequest = Status(400, "HTTP/1.1 400 Bad Request\r\n")
    package static let forbidden = Status(403, "HTTP/1.1 403 Forbidden\r\n")
    package static let notFound = Status(404, "HTTP/1.1 404 Not Found\r\n")
    package static let methodNotAllowed = Status(405, "HTTP/1.1 405 Method Not Allowed\r\n")
    package static let requestTimeout = Status(408, "HTTP/1.1 408 Request Timeout\r\n")
    package static let conflict = Status(409, "HTTP/1.1 409 Conflict\r\n")
    package static let lengthRequired = Status(411, "HTTP/1.1 411 Length Required\r\n")
    package static let contentTooLarge = Status(413, "HTTP/1.1 413 Content Too Large\r\n")
    package static let targetTooLong = Status(414, "HTTP/1.1 414 URI Too Long\r\n")
    package static let expectationFailed = Status(417, "HTTP/1.1 417 Expectation Failed\r\n")
    package static let headTooLarge = Status(431, "HTTP/1.1 431 Request Header Fields Too Large\r\n")
    package static let notImplemented = Status(501, "HTTP/1.1 501 Not Implemented\r\n")
    package static let serviceUnavailable = Status(503, "HTTP/1.1 503 Service Unavailable\r\n")
    package static let versionNotSupported = Status(505, "HTTP/1.1 505 HTTP Version Not Supported\r\n")
}

extension Status: Equatable {
    package static func == (left: Status, right: Status) -> Bool { left.code == right.code }
}
