/// The encoding of exported spans: OTLP in Protocol Buffers or in JSON.
package enum SpanEncoding: Equatable, Sendable {
    case protobuf
    case json

    package var contentType: String {
        switch self {
        case .protobuf: "application/x-protobuf"
        case .json: "application/json"
        }
    }

    /// Appends a span to the encoded spans that `bytes` contains.
    func append(_ span: SpanRecord, to bytes: inout [UInt8]) {
        switch self {
        case .protobuf: OTLPProtobuf.append(span, to: &bytes)
        case .json: OTLPJSON.append(span, to: &bytes)
        }
    }

    /// Returns a complete export request: the OTLP message `ExportTraceServiceRequest` with these spans.
    package func request(_ spans: EncodedSpans, of resource: TraceResource) -> [UInt8] {
        switch self {
        case .protobuf: OTLPProtobuf.request(spans.bytes, of: resource)
        case .json: OTLPJSON.request(spans.bytes, of: resource)
        }
    }
}
