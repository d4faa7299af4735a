/// The format of a metrics page: Prometheus text or OpenMetrics.
package enum PageFormat: Sendable {
    /// The Prometheus text format, version 0.0.4.
    case text
    /// OpenMetrics 1.0, which has units and exemplars.
    case openMetrics

    package var contentType: StaticString {
        switch self {
        case .text: "text/plain; version=0.0.4; charset=utf-8"
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        }
    }

    /// The content type of a metrics page for a scraper that asks for a name escaping scheme and expects the scheme in
    /// the response. The metric names of this program need no escaping, so all schemes give the same page.
    package var escapingContentType: StaticString {
        switch self {
        case .text: contentType
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores"
        }
    }
}
