/// How spans are written down for a collector.
package enum SpanForm: Sendable {
    case protobuf
    case json

    /// One span, behind those that `bytes` holds.
    func append(_ span: SpanRecord, to bytes: inout [UInt8]) {
        switch self {
        case .protobuf: OTLPProtobuf.append(span, to: &bytes)
        case .json: OTLPJSON.append(span, to: &bytes)
        }
    }

    /// A whole request.
    package func request(_ spans: EncodedSpans, of resource: TraceResource) -> [UInt8] {
        switch self {
        case .protobuf: OTLPProtobuf.request(spans.bytes, of: resource)
        case .json: OTLPJSON.request(spans.bytes, of: resource)
        }
    }
}
