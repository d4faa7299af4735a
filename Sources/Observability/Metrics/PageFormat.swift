/// How a page of metrics is written.
package enum PageFormat: Sendable {
    /// Prometheus text format 0.0.4.
    case text
    /// OpenMetrics 1.0, which has units and exemplars.
    case openMetrics

    package var contentType: StaticString {
        switch self {
        case .text: "text/plain; version=0.0.4; charset=utf-8"
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        }
    }

    /// For a reader that says how names beyond its alphabet are to be escaped, which it wants to hear back. Ours have
    /// none, so all ways are the same.
    package var escapingContentType: StaticString {
        switch self {
        case .text: contentType
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores"
        }
    }
}
