import Observability

func metricPage(_ registry: MetricRegistry) -> String {
    String(decoding: registry.render(), as: UTF8.self)
}

/// Returns the lines of the metrics page that start with `prefix` and contain `part`.
func metricLines(_ registry: MetricRegistry, with prefix: String, and part: String = "") -> [String] {
    metricPage(registry).split(separator: "\n").map(String.init).filter {
        $0.hasPrefix(prefix) && (part.isEmpty || $0.contains(part))
    }
}
