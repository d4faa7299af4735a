import HTTP
import Observability
import Testing

@testable import HedgehogNode

private func head(_ fields: [String]) -> RequestHead {
    var parser = RequestParser()
    var offset = 0
    let lines = (["GET / HTTP/1.1", "Host: h"] + fields).joined(separator: "\r\n") + "\r\n\r\n"
    let event = parser.advance(Array(lines.utf8).span, from: &offset)
    precondition(event == .head, "a head was expected, not \(event)")
    return parser.head
}

@Suite struct ContentNegotiationTests {
    private static let openMetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8"
    private static let text = "text/plain; version=0.0.4; charset=utf-8"

    @Test("The format is the supported one that the client prefers, and text in case of doubt", arguments: [
        (nil, text), ("*/*", text), ("", text), ("text/html", text), ("application/json", text), ("text/plain", text),
        // Prometheus 2.42.
        (
            "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
                + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1", openMetrics
        ),
        // The Accept header field of Prometheus 3, which prefers protobuf and sends an `escaping` parameter.
        (
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
                + "application/openmetrics-text;version=0.0.1;q=0.4,"
                + "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,"
                + "text/plain;version=0.0.4;q=0.2,*/*;q=0.1", openMetrics + "; escaping=underscores"
        ),
        ("application/openmetrics-text", openMetrics), ("application/*", openMetrics),
        ("application/openmetrics-text; version=1.0.0; charset=utf-8", openMetrics),
        ("APPLICATION/OpenMetrics-Text;VERSION=1.0.0", openMetrics),
        ("application/openmetrics-text;version=0.0.1", text), ("application/openmetrics-text;version=2.0.0", text),
        ("application/openmetrics-text;q=0", text), ("application/openmetrics-text;q=0.3,text/plain;q=0.4", text),
        ("application/openmetrics-text;q=0.4,text/plain;q=0.3", openMetrics),
        ("text/plain,application/openmetrics-text", text), ("application/openmetrics-text,text/plain", openMetrics),
        ("*/*,application/openmetrics-text", openMetrics), ("application/openmetrics-text;q=0.1,*/*", text),
        ("application/openmetrics-text;q=nonsense", text),
    ] as [(String?, String)])
    func format(accept: String?, contentType: String) {
        let head = head(accept.map { ["Accept: \($0)"] } ?? [])
        let choice = NegotiatedFormat(accepting: head.preferences(of: .accept))
        #expect("\(choice.contentType)" == contentType)
    }

    @Test("gzip is used if the client accepts it, and a weight of 0 excludes it", arguments: [
        (nil, false), ("gzip", true), ("GZIP", true), ("deflate, gzip;q=0.5", true), ("*", true), ("br", false),
        ("gzip;q=0", false), ("*;q=0", false), ("gzip;q=0,*", false), ("*;q=0,gzip", true), ("identity", false),
        ("gzip;q=oops", false),
    ] as [(String?, Bool)])
    func gzip(accepted: String?, expected: Bool) {
        #expect(head(accepted.map { ["Accept-Encoding: \($0)"] } ?? []).acceptsGzip == expected)
    }

    @Test("The scrape timeout is read in seconds, and an invalid one is ignored", arguments: [
        ("10", 10_000_000_000), ("1.5", 1_500_000_000), ("0", nil), ("-1", nil), ("nan", nil), ("inf", nil),
        ("1e9", nil), ("soon", nil),
    ] as [(String, UInt64?)])
    func patience(given: String, expected: UInt64?) {
        #expect(head(["X-Prometheus-Scrape-Timeout-Seconds: \(given)"]).scrapeTimeoutNanoseconds == expected)
    }
}
