import Observability

func page(_ registry: MetricRegistry) -> String {
    String(decoding: registry.render(), as: UTF8.self)
}

/// Returns the lines of the metrics page that start with `prefix` and contain `part`.
func lines(_ registry: MetricRegistry, with prefix: String, and part: String) -> [String] {
    page(registry).split(separator: "\n").map(String.init).filter {
        $0.hasPrefix(prefix) && (part.isEmpty || $0.contains(part))
    }
}

func request(
    _ operation: RequestOperation, _ method: RequestMethod = .get, status: Int, nanoseconds: UInt64 = 1_000
) -> RequestMeasure {
    RequestMeasure(
        method: method, operation: operation, status: status, durationNanoseconds: nanoseconds, requestBytes: 100,
        responseBytes: 200)
}
