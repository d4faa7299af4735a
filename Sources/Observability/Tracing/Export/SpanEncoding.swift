/// The encoding of exported spans.
package enum SpanEncoding: Equatable, Sendable {
    case protobuf
    case json

    package var contentType: String {
        switch self {
        case .protobuf: "application/x-protobuf"
        case .json: "application/json"
        }
    }

    /// Appends one span to the spans that `bytes` contains.
    func append(_ span: SpanRecord, to bytes: inout [UInt8]) {
        switch self {
        case .protobuf: OTLPProtobuf.append(span, to: &bytes)
        case .json: OTLPJSON.append(span, to: &bytes)
        }
    }

    /// A complete export request, `ExportTraceServiceRequest` in OTLP.
    package func request(_ spans: EncodedSpans, of resource: TraceResource) -> [UInt8] {
        switch self {
        case .protobuf: OTLPProtobuf.request(spans.bytes, of: resource)
        case .json: OTLPJSON.request(spans.bytes, of: resource)
        }
    }
}
