/// The header fields that some part of the server reads. The parser records the positions of their values. All other
/// fields are checked for syntax and otherwise ignored.
package enum KnownHeader: UInt8, CaseIterable, Sendable {
    case accept, acceptEncoding, connection, contentLength, contentType
    case expect, host, ifMatch, ifNoneMatch, origin
    case traceparent, tracestate, transferEncoding, userAgent
    case xClusterSecret, xConsistency, xPrometheusScrapeTimeoutSeconds, xRequestID, xTraceID

    /// The field name in lower case.
    package var name: StaticString {
        switch self {
        case .accept: "accept"
        case .acceptEncoding: "accept-encoding"
        case .connection: "connection"
        case .contentLength: "content-length"
        case .contentType: "content-type"
        case .expect: "expect"
        case .host: "host"
        case .ifMatch: "if-match"
        case .ifNoneMatch: "if-none-match"
        case .origin: "origin"
        case .traceparent: "traceparent"
        case .tracestate: "tracestate"
        case .transferEncoding: "transfer-encoding"
        case .userAgent: "user-agent"
        case .xClusterSecret: "x-cluster-secret"
        case .xConsistency: "x-consistency"
        case .xPrometheusScrapeTimeoutSeconds: "x-prometheus-scrape-timeout-seconds"
        case .xRequestID: "x-request-id"
        case .xTraceID: "x-trace-id"
        }
    }

    /// Finds the header with this name, in any case, or returns nil. Requires a valid token.
    init?(_ name: Span<UInt8>) {
        guard let candidate = Self.candidate(length: name.count, initial: name[0] | 0x20),
            name.equals(lowercase: candidate.name)
        else { return nil }
        self = candidate
    }

    /// The only known header with this length and first letter. No two known names share both, so at most one needs to
    /// be compared.
    private static func candidate(length: Int, initial: UInt8) -> KnownHeader? {
        switch (length, initial) {
        case (4, UInt8(ascii: "h")): .host
        case (6, UInt8(ascii: "a")): .accept
        case (6, UInt8(ascii: "e")): .expect
        case (6, UInt8(ascii: "o")): .origin
        case (8, UInt8(ascii: "i")): .ifMatch
        case (10, UInt8(ascii: "c")): .connection
        case (10, UInt8(ascii: "t")): .tracestate
        case (10, UInt8(ascii: "u")): .userAgent
        case (10, UInt8(ascii: "x")): .xTraceID
        case (11, UInt8(ascii: "t")): .traceparent
        case (12, UInt8(ascii: "c")): .contentType
        case (12, UInt8(ascii: "x")): .xRequestID
        case (13, UInt8(ascii: "i")): .ifNoneMatch
        case (13, UInt8(ascii: "x")): .xConsistency
        case (14, UInt8(ascii: "c")): .contentLength
        case (15, UInt8(ascii: "a")): .acceptEncoding
        case (16, UInt8(ascii: "x")): .xClusterSecret
        case (17, UInt8(ascii: "t")): .transferEncoding
        case (35, UInt8(ascii: "x")): .xPrometheusScrapeTimeoutSeconds
        default: nil
        }
    }
}
