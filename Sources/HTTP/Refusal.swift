internal import Base

/// The reason why the parser reads no further on a connection. Each has one status and one sentence for the client. A
/// client that receives one has sent either more than the limits allow, or something that another parser on its way
/// might read differently.
package enum Refusal: Error, Equatable, Sendable {
    case requestLine(RequestLineFault)
    case line(LineFault)
    case field(FieldFault)
    case framing(FramingFault)
    case chunk(ChunkFault)

    /// The error in the request line of a rejected request, or in the bytes before it, such as too many empty lines.
    package enum RequestLineFault: Equatable, Sendable {
        case notARequest(firstByte: UInt8)
        case tooManyEmptyLines(limit: Int)
        case malformedRequestLine
        case malformedVersion
        case unsupportedVersion
        case malformedTarget
        case byteInTarget(UInt8)
        case targetTooLong(limitBytes: Int)
    }

    /// A byte that no line of a request may contain.
    package enum LineFault: Equatable, Sendable {
        case bareLineFeed
        case controlByte(UInt8)
    }

    /// A fault of the field lines of a head or of a trailer section.
    package enum FieldFault: Equatable, Sendable {
        case foldedField
        case malformedField
        case tooManyFields(limit: Int)
        case headTooLarge(limitBytes: Int)
        case missingHost
        case repeatedHost
        case emptyHost
        case invalidHost
        case unknownExpectation
    }

    /// The error in Content-Length or Transfer-Encoding, the fields that announce the body of a request, for which the
    /// request is rejected. A missing field and a body that is too large belong here too.
    package enum FramingFault: Equatable, Sendable {
        case malformedContentLength
        case repeatedContentLength
        case lengthBesideCoding
        case codingInHTTP10
        case malformedTransferEncoding
        case unknownTransferCoding
        case lengthRequired
        case bodyTooLarge(limitBytes: Int)
    }

    /// A fault of the chunked coding of a body.
    package enum ChunkFault: Equatable, Sendable {
        case malformedChunkSize
        case malformedChunkExtension
        case chunkLineTooLong(limitBytes: Int)
        case chunkExtensionsTooLarge(limitBytes: Int)
        case malformedChunkEnd
    }

    package var status: Status {
        switch self {
        case .requestLine(.targetTooLong): .targetTooLong
        case .requestLine(.unsupportedVersion): .versionNotSupported
        case .field(.tooManyFields), .field(.headTooLarge): .headTooLarge
        case .field(.unknownExpectation): .expectationFailed
        case .framing(.unknownTransferCoding): .notImplemented
        case .framing(.lengthRequired): .lengthRequired
        case .framing(.bodyTooLarge): .contentTooLarge
        case .requestLine, .line, .field, .framing, .chunk: .badRequest
        }
    }

    /// The text of the error response: a sentence that states what was wrong with the request and what is allowed.
    package var explanation: String {
        switch self {
        case .requestLine(let fault): fault.explanation
        case .line(let fault): fault.explanation
        case .field(let fault): fault.explanation
        case .framing(let fault): fault.explanation
        case .chunk(let fault): fault.explanation
        }
    }
}

extension Refusal.RequestLineFault {
    fileprivate var explanation: String {
        switch self {
        case .notARequest(let byte):
            "the first byte, \(hex(byte)), cannot begin an HTTP request; this port speaks plain HTTP/1.1"
        case .tooManyEmptyLines(let limit): "more than \(limit) empty lines before the request line"
        case .malformedRequestLine: "the request line is not METHOD TARGET HTTP/1.1 with one space between each"
        case .malformedVersion: "the request line does not end in an HTTP version such as HTTP/1.1"
        case .unsupportedVersion: "the HTTP version is not supported; HTTP/1.1 and HTTP/1.0 are"
        case .malformedTarget: "the request target is neither a /path nor http://host/path, nor * with OPTIONS"
        case .byteInTarget(let byte): "the byte \(hex(byte)) in the request target must be percent-encoded"
        case .targetTooLong(let limit): "the request target is longer than the \(limit) bytes allowed"
        }
    }
}

extension Refusal.LineFault {
    fileprivate var explanation: String {
        switch self {
        case .bareLineFeed: "a line ends with a line feed alone; every line must end with CR LF"
        case .controlByte(let byte): "the control byte \(hex(byte)) in a line; only tabs are allowed, in field values"
        }
    }
}

extension Refusal.FieldFault {
    fileprivate var explanation: String {
        switch self {
        case .foldedField: "a field line begins with white space; folded fields are not allowed"
        case .malformedField: "a field line is not NAME: VALUE with a valid name and no space before the colon"
        case .tooManyFields(let limit): "more than the \(limit) fields allowed"
        case .headTooLarge(let limit): "the request line and fields are longer than the \(limit) bytes allowed"
        case .missingHost: "no Host field; HTTP/1.1 requires exactly one"
        case .repeatedHost: "more than one Host field; exactly one is allowed"
        case .emptyHost: "the Host field is empty; a /path needs the name or address of the server in it"
        case .invalidHost: "the Host field is not a host name or address with an optional port"
        case .unknownExpectation: "an unknown expectation; only 100-continue is supported"
        }
    }
}

extension Refusal.FramingFault {
    fileprivate var explanation: String {
        switch self {
        case .malformedContentLength: "Content-Length is not a number of bytes in decimal digits"
        case .repeatedContentLength: "more than one Content-Length field; exactly one is allowed"
        case .lengthBesideCoding: "both Content-Length and Transfer-Encoding; only one of them is allowed"
        case .codingInHTTP10: "Transfer-Encoding in an HTTP/1.0 request, which cannot have one"
        case .malformedTransferEncoding: "Transfer-Encoding must be exactly: chunked"
        case .unknownTransferCoding: "an unknown transfer coding; only chunked is supported"
        case .lengthRequired: "neither Content-Length nor Transfer-Encoding; PUT and POST need one, if only of 0 bytes"
        case .bodyTooLarge(let limit): "the body is larger than the \(limit) bytes allowed"
        }
    }
}

extension Refusal.ChunkFault {
    fileprivate var explanation: String {
        switch self {
        case .malformedChunkSize: "a chunk does not begin with its size in hexadecimal digits"
        case .malformedChunkExtension: "a chunk extension is not ;NAME, ;NAME=TOKEN or ;NAME=\"QUOTED STRING\""
        case .chunkLineTooLong(let limit): "a chunk-size line is longer than the \(limit) bytes allowed"
        case .chunkExtensionsTooLarge(let limit):
            "chunk extensions and leading zeros are longer than the \(limit) bytes allowed"
        case .malformedChunkEnd: "the bytes of a chunk are not followed by CR LF"
        }
    }
}

private func hex(_ byte: UInt8) -> String {
    var text = Array("0x".utf8)
    text.appendHex(UInt64(byte), digitCount: 2)
    return String(decoding: text, as: UTF8.self)
}
