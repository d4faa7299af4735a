internal import Base

/// The export request in the JSON mapping of OTLP. As in the usual JSON mapping of Protocol Buffers, names are in camel
/// case and 64-bit integers are text; unlike there, ids are hexadecimal and enums are numbers.
enum OTLPJSON {
    /// Appends a span in OTLP JSON to the encoded spans that `bytes` contains, separated by commas.
    static func append(_ span: SpanRecord, to bytes: inout [UInt8]) {
        var json = JSONWriter()
        swap(&json.bytes, &bytes)
        if !json.bytes.isEmpty { json.bytes.append(",") }
        json.span(span, .otlp)
        swap(&json.bytes, &bytes)
    }

    /// Returns a complete export request in JSON, without a line end. `spans` are encoded spans as `append` writes
    /// them.
    static func request(_ spans: [UInt8], of resource: TraceResource) -> [UInt8] {
        var json = JSONWriter()
        json.object {
            $0.array("resourceSpans", CollectionOfOne(resource)) { json, resource in
                json.object {
                    $0.member("resource") { $0.object { $0.attributes(resource.attributes, .otlp) } }
                    $0.array("scopeSpans", CollectionOfOne(spans)) { $0.scope($1, resource) }
                }
            }
        }
        return json.bytes
    }
}

extension JSONWriter {
    fileprivate mutating func scope(_ spans: [UInt8], _ resource: TraceResource) {
        object {
            $0.member("scope") {
                $0.object {
                    $0.member("name", TraceResource.scopeName)
                    $0.member("version", resource.scopeVersion)
                }
            }
            $0.member("spans") { $0.array { $0.raw { $0 += spans } } }
        }
    }
}
