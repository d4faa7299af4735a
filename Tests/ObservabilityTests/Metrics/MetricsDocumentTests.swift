import Foundation
import Observability
import Testing

/// `docs/metrics.md` is generated from the catalogue. `make metrics-document` writes it; every other run compares it.
@Suite struct MetricsDocumentTests {
    private static let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../../docs/metrics.md").standardized

    @Test("docs/metrics.md equals the catalogue; run make metrics-document to update it")
    func document() throws {
        let expected = MetricsDocument().text
        if ProcessInfo.processInfo.environment["WRITE_METRICS_DOCUMENT"] == "1" {
            try expected.write(to: Self.path, atomically: true, encoding: .utf8)
        }
        #expect(try String(contentsOf: Self.path, encoding: .utf8) == expected)
    }
}

private struct MetricsDocument {
    private static let opening = """
        # Metrics

        This page is generated from the catalogue in `Sources/Observability/Metrics` by `make metrics-document`; do not
        edit it by hand. A metric is on the page once it has a sample, so the metrics about other members appear when
        the cluster has bootstrapped.

        `GET /metrics` (or `/api/v1/metrics`) returns the Prometheus text format 0.0.4, or OpenMetrics 1.0 if `Accept`
        prefers it, compressed with gzip if `Accept-Encoding` allows it. OpenMetrics adds units and exemplars: the
        buckets of `hedgehog_http_request_duration_seconds`, `hedgehog_replication_send_duration_seconds` and
        `hedgehog_replication_received_duration_seconds`, and the server errors in `hedgehog_http_requests_total`, have
        the `trace_id` and `span_id` of the newest request whose trace is recorded. There are no `_created` samples and
        no setting for them, because a scraper that does not know them stores them as separate series.

        `status` is the class of the status code, such as `2xx`. Only 501, the answer to a conditional write, is `501`:
        it is no failure of the service, and no error ratio counts it.

        No label value comes from the text of a request. `method`, `operation`, `status`, `code`, `reason` and similar
        labels have fixed sets of values; `target_node` is the id of a member of the cluster; `table` is the name of an
        existing table, for at most `--metrics-max-tables` tables. All other tables share `__other__`, including a table
        with that name.

        At most four pages are rendered at the same time. Up to 64 further requests wait for their turn, and others are
        answered with 503. A page that is not complete within `X-Prometheus-Scrape-Timeout-Seconds` is answered with 503
        as well.

        """

    var text: String { Self.opening + "\n" + table + "\n" + buckets }

    private var table: String {
        let rows = MetricFamily.catalogue.map { family in
            let labels = family.labels.map { "`\($0)`" }.joined(separator: ", ")
            return "| `\(family.name)` | \(family.kindWord) | \(labels) | \(family.help) |"
        }
        return (["| Name | Type | Labels | Meaning |", "|---|---|---|---|"] + rows).joined(separator: "\n") + "\n"
    }

    /// A table of the histogram families, grouped by equal bucket bounds, in the order of the first family of each
    /// group.
    private var buckets: String {
        var sets: [(bounds: String, names: [String])] = []
        for family in MetricFamily.catalogue where family.kindWord == "histogram" {
            let bounds = family.boundsInUnits
            if let index = sets.firstIndex(where: { $0.bounds == bounds }) {
                sets[index].names.append("`\(family.name)`")
            } else {
                sets.append((bounds, ["`\(family.name)`"]))
            }
        }
        let rows = sets.map { "| \($0.bounds) | \($0.names.joined(separator: ", ")) |" }
        let head = "## Buckets\n\n| Upper bounds, in addition to +Inf | Metrics |\n|---|---|\n"
        return head + rows.joined(separator: "\n") + "\n"
    }
}

extension MetricFamily {
    fileprivate var kindWord: String {
        switch kind {
        case .counter: "counter"
        case .gauge: "gauge"
        case .histogram: "histogram"
        }
    }

    fileprivate var boundsInUnits: String {
        guard case .histogram(let bounds) = kind else { return "" }
        let isSeconds = if case .seconds = unit { true } else { false }
        return bounds.map { isSeconds ? "\(Decimal($0) / 1_000_000_000)" : "\($0)" }.joined(separator: ", ")
    }
}
