internal import Base

/// Why the parser will read no further on a connection. Each has one status and one sentence for people; a client
/// that gets either has sent something that another parser on its way might read differently, or too much.
package enum Refusal: Error, Equatable, Sendable {
    case notARequest(firstByte: UInt8)
    case tooManyEmptyLines(limit: Int)
    case bareLineFeed
    case controlByte(UInt8)
    case malformedRequestLine
    case malformedVersion
    case unsupportedVersion
    case malformedTarget
    case byteInTarget(UInt8)
    case targetTooLong(limitBytes: Int)
    case foldedField
    case malformedField
    case tooManyFields(limit: Int)
    case headTooLarge(limitBytes: Int)
    case missingHost
    case repeatedHost
    case invalidHost
    case malformedContentLength
    case repeatedContentLength
    case lengthBesideCoding
    case codingInHTTP10
    case malformedTransferEncoding
    case unknownTransferCoding
    case unknownExpectation
    case lengthRequired
    case bodyTooLarge(limitBytes: Int)
    case malformedChunkSize
    case chunkLineTooLong(limitBytes: Int)
    case chunkExtensionsTooLarge(limitBytes: Int)
    case malformedChunkEnd

    package var status: Status {
        switch self {
        case .lengthRequired: .lengthRequired
        case .bodyTooLarge: .contentTooLarge
        case .targetTooLong: .targetTooLong
        case .unknownExpectation: .expectationFailed
        case .tooManyFields, .headTooLarge: .headTooLarge
        case .unknownTransferCoding: .notImplemented
        case .unsupportedVersion: .versionNotSupported
        default: .badRequest
        }
    }

    /// What was given and what is allowed.
    package var explanation: String {
        switch self {
        case .notARequest(let byte):
            "the first byte, \(hex(byte)), cannot begin an HTTP request; this port speaks plain HTTP/1.1"
        case .tooManyEmptyLines(let limit): "more than \(limit) empty lines before the request line"
        case .bareLineFeed: "a line ends with a line feed alone; every line must end with CR LF"
        case .controlByte(let byte): "the control byte \(hex(byte)) in a line; only tabs are allowed, in field values"
        case .malformedRequestLine: "the request line is not METHOD TARGET HTTP/1.1 with one space between each"
        case .malformedVersion: "the request line does not end in an HTTP version such as HTTP/1.1"
        case .unsupportedVersion: "the HTTP version is not supported; HTTP/1.1 and HTTP/1.0 are"
        case .malformedTarget: "the request target is neither a /path nor http://host/path, nor * with OPTIONS"
        case .byteInTarget(let byte): "the byte \(hex(byte)) in the request target must be percent-encoded"
        case .targetTooLong(let limit): "the request target is longer than the \(limit) bytes allowed"
        case .foldedField: "a field line begins with white space; folded fields are not allowed"
        case .malformedField: "a field line is not NAME: VALUE with a valid name and no space before the colon"
        case .tooManyFields(let limit): "more than the \(limit) fields allowed"
        case .headTooLarge(let limit): "request line and fields are longer than the \(limit) bytes allowed"
        default: explanationOfMeaning
        }
    }

    /// The sentences for lines that were well formed but must not stand.
    private var explanationOfMeaning: String {
        switch self {
        case .missingHost: "no Host field; HTTP/1.1 requires exactly one"
        case .repeatedHost: "more than one Host field; exactly one is allowed"
        case .invalidHost: "the Host field is not a host name or address with an optional port"
        case .malformedContentLength: "Content-Length is not a number of bytes in decimal digits"
        case .repeatedContentLength: "more than one Content-Length field; exactly one is allowed"
        case .lengthBesideCoding: "both Content-Length and Transfer-Encoding; only one of them is allowed"
        case .codingInHTTP10: "Transfer-Encoding in an HTTP/1.0 request, which cannot have one"
        case .malformedTransferEncoding: "Transfer-Encoding must be exactly: chunked"
        case .unknownTransferCoding: "an unknown transfer coding; only chunked is supported"
        case .unknownExpectation: "an unknown expectation; only 100-continue is supported"
        case .lengthRequired: "neither Content-Length nor Transfer-Encoding; PUT and POST need one, if only of 0 bytes"
        case .bodyTooLarge(let limit): "the body is larger than the \(limit) bytes allowed"
        case .malformedChunkSize: "a chunk does not begin with its size in hexadecimal digits"
        case .chunkLineTooLong(let limit): "a chunk-size line is longer than the \(limit) bytes allowed"
        case .chunkExtensionsTooLarge(let limit):
            "chunk extensions and leading zeros are longer than the \(limit) bytes allowed"
        case .malformedChunkEnd: "the bytes of a chunk are not followed by CR LF"
        default: preconditionFailure("a refusal without an explanation")
        }
    }
}

private func hex(_ byte: UInt8) -> String {
    var text = Array("0x".utf8)
    text.appendHex(UInt64(byte), digitCount: 2)
    return String(decoding: text, as: UTF8.self)
}
