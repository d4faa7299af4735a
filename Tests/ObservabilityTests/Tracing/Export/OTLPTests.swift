@testable import Observability
import Testing

/// Compares the encoded bytes. `scripts/check-otlp` reads the output of the encoders with the official decoder.
@Suite struct OTLPTests {
    private static let tiny = TraceResource(
        TraceResource.Facts(nodeID: "n", version: "1", hostName: nil, processID: 7), TracingSettings())

    private static func request(_ spans: [SpanRecord], as encoding: SpanEncoding) -> [UInt8] {
        encoding.request(SpanSamples.encoded(spans, as: encoding), of: tiny)
    }

    /// The bytes of hexadecimal digits, ignoring spaces.
    private static func bytes(_ hex: String) -> [UInt8] {
        let digits = hex.filter { !$0.isWhitespace }
        return stride(from: 0, to: digits.count, by: 2).compactMap { offset in
            let start = digits.index(digits.startIndex, offsetBy: offset)
            return UInt8(digits[start..<digits.index(start, offsetBy: 2)], radix: 16)
        }
    }

    private static func text(_ text: String) -> String {
        text.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// The protobuf bytes of a span attribute with a text value, in hexadecimal digits. The tag `0a` precedes the key,
    /// `12` the value.
    private static func attribute(_ key: String, _ value: String) -> String {
        func size(_ count: Int) -> String { (count < 16 ? "0" : "") + String(count, radix: 16) }
        let inner = "0a\(size(value.utf8.count))\(text(value))"
        let body = "0a\(size(key.utf8.count))\(text(key))12\(size(inner.count / 2))\(inner)"
        return "0a\(size(body.count / 2))\(body)"
    }

    @Test("A root span in Protocol Buffers equals bytes written by hand from the schema")
    func protobuf() {
        let span = SpanSamples.record("a", span: 0x0102, start: 1, end: 0x0203)
        let resource = Self.attribute("service.name", "hedgehogdb") + Self.attribute("service.instance.id", "n")
            + Self.attribute("service.version", "1") + "0a11 0a0b 70726f636573732e706964 12021807"
            + Self.attribute("telemetry.sdk.name", "hedgehog-otel") + Self.attribute("telemetry.sdk.language", "swift")
            + Self.attribute("telemetry.sdk.version", "1")
        let scope = "0a0f 0a0a \(Self.text("hedgehogdb")) 1201 31"
        let spanBytes = """
            0a10 0af7651916cd43dd8448eb211c80319c  1208 0000000000000102  2a01 61  3002
            39 0100000000000000  41 0302000000000000  8501 03010000
            """
        let spanCount = Self.bytes(spanBytes).count
        let scopeSpans = Self.bytes(scope) + [0x12, UInt8(spanCount)] + Self.bytes(spanBytes)
        let resourceBytes = Self.bytes(resource)
        let resourceSpans = [0x0A, UInt8(resourceBytes.count & 0x7F | 0x80), UInt8(resourceBytes.count >> 7)]
            + resourceBytes + [0x12, UInt8(scopeSpans.count)] + scopeSpans
        let expected = [0x0A, UInt8(resourceSpans.count & 0x7F | 0x80), UInt8(resourceSpans.count >> 7)] + resourceSpans
        #expect(Self.request([span], as: .protobuf) == expected)
    }

    @Test("A root span in JSON")
    func json() {
        let span = SpanSamples.record("a", span: 0x0102, start: 1, end: 0x0203)
        func text(_ key: String, _ value: String) -> String {
            #"{"key":"\#(key)","value":{"stringValue":"\#(value)"}}"#
        }
        let attributes = [
            text("service.name", "hedgehogdb"), text("service.instance.id", "n"), text("service.version", "1"),
            #"{"key":"process.pid","value":{"intValue":"7"}}"#, text("telemetry.sdk.name", "hedgehog-otel"),
            text("telemetry.sdk.language", "swift"), text("telemetry.sdk.version", "1"),
        ]
        let expected = #"{"resourceSpans":[{"resource":{"attributes":["# + attributes.joined(separator: ",")
            + #"]},"scopeSpans":[{"scope":{"name":"hedgehogdb","version":"1"},"spans":["#
            + #"{"traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"0000000000000102","name":"a","kind":2,"#
            + #""startTimeUnixNano":"1","endTimeUnixNano":"515","attributes":[],"flags":259}]}]}]}"#
        #expect(String(decoding: Self.request([span], as: .json), as: UTF8.self) == expected)
    }

    @Test("A span with every field in JSON")
    func fullJSON() {
        let text = String(decoding: Self.request([SpanSamples.all[1]], as: .json), as: UTF8.self)
        let parts = [
            #""spanId":"b7ad6b7169203331","traceState":"rojo=1,congo=t61","parentSpanId":"0000000000000001""#,
            #""name":"replicate put","kind":3"#,
            #"{"key":"hedgehog.key","value":{"stringValue":"a\#u{FFFD}\""}}"#,
            #"{"key":"text","value":{"stringValue":"Grüße\n"}}"#,
            #"{"key":"small","value":{"intValue":"0"}},{"key":"negative","value":{"intValue":"-1"}}"#,
            #"{"key":"big","value":{"intValue":"9223372036854775807"}}"#,
            #"{"key":"yes","value":{"boolValue":true}},{"key":"no","value":{"boolValue":false}}"#,
            #"{"key":"empty","value":{"stringValue":""}}],"droppedAttributesCount":300"#,
            #""events":[{"timeUnixNano":"1700000000000100000","name":"quorum reached","attributes":[{"key":"acks","#,
            #"{"timeUnixNano":"1700000000000100001","name":"bare","attributes":[]}],"droppedEventsCount":300"#,
            #""links":[{"traceId":"00000000000000000000000000000001","spanId":"0000000000000002","flags":1},{"#,
            #""spanId":"0000000000000003","flags":0}],"droppedLinksCount":300"#,
            #""status":{"code":2,"message":"it broke"},"flags":771}"#,
        ]
        for part in parts { #expect(text.contains(part), "\(part)") }
    }

    @Test("A batch without spans has one resource and one scope")
    func empty() {
        let text = String(decoding: Self.request([], as: .json), as: UTF8.self)
        #expect(text.hasSuffix(#""spans":[]}]}]}"#))
    }

    @Test("Varints take as many bytes as they need", arguments: [
        (0, [0x08, 0x00]), (127, [0x08, 0x7F]), (128, [0x08, 0x80, 0x01]), (300, [0x08, 0xAC, 0x02]),
        (UInt64.max, [0x08] + Array(repeating: 0xFF, count: 9) + [0x01]),
    ] as [(UInt64, [UInt8])])
    func varints(value: UInt64, expected: [UInt8]) {
        var writer = ProtobufWriter()
        writer.varint(1, value)
        #expect(writer.output == expected)
    }

    @Test("A message of any length comes after its length", arguments: [0, 1, 127, 128, 16_383, 16_384])
    func messages(count: Int) {
        var writer = ProtobufWriter()
        writer.varint(1, 5)
        writer.message(2) { $0.bytes(3, Array(repeating: 7, count: count).span) }
        var reader = ProtobufReader(writer.output[...])
        #expect(reader.next()?.number == 1)
        guard case (2, .bytes(let inner))? = reader.next() else {
            Issue.record("there is no message")
            return
        }
        #expect(reader.isAtEnd)
        var innerReader = ProtobufReader(inner)
        guard case (3, .bytes(let bytes))? = innerReader.next() else {
            Issue.record("there is nothing in the message")
            return
        }
        #expect(Array(bytes) == Array(repeating: 7, count: count) && innerReader.isAtEnd)
    }

    @Test("Resource attributes of the operator override our own, except the name of the library")
    func resource() {
        var settings = TracingSettings()
        settings.serviceName = "shop-db"
        settings.resourceAttributes = [
            SpanAttribute("service.instance.id", .text("mine")), SpanAttribute("telemetry.sdk.name", .text("other")),
            SpanAttribute("deployment.environment.name", .text("test")),
        ]
        let facts = TraceResource.Facts(nodeID: "node-1", version: "2", hostName: "box", processID: 1)
        let resource = TraceResource(facts, settings)
        let values = Dictionary(grouping: resource.attributes, by: \.key).mapValues { $0.map(\.value) }
        #expect(values["service.name"] == [.text("shop-db")])
        #expect(values["service.instance.id"] == [.text("mine")])
        #expect(values["telemetry.sdk.name"] == [.text("hedgehog-otel")])
        #expect(values["deployment.environment.name"] == [.text("test")])
        #expect(values["host.name"] == [.text("box")])
        #expect(values["process.pid"] == [.integer(1)])
    }
}
