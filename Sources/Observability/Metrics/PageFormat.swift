/// The format of a metrics page.
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

    /// The content type for a scraper that asks for a name escaping scheme and expects the scheme in the response. Our
    /// metric names need no escaping, so all schemes give the same page.
    package var escapingContentType: StaticString {
        switch self {
        case .text: contentType
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores"
        }
    }
}
