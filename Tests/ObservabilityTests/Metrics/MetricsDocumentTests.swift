import Foundation
import Observability
import Testing

/// `docs/metrics.md` is made from the catalogue. `make metrics-document` writes it; in every other run it is compared.
@Suite struct MetricsDocumentTests {
    private static let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../../../docs/metrics.md").standardized

    @Test("docs/metrics.md says what the catalogue says; make metrics-document writes it anew")
    func document() throws {
        let made = MetricsDocument().text
        if ProcessInfo.processInfo.environment["WRITE_METRICS_DOCUMENT"] == "1" {
            try made.write(to: Self.path, atomically: true, encoding: .utf8)
        }
        #expect(try String(contentsOf: Self.path, encoding: .utf8) == made)
    }
}

private struct MetricsDocument {
    private static let opening = """
        # Metrics

        Made from the catalogue in `Sources/Observability/Metrics` by `make metrics-document`: do not edit it here. A
        family is on the page once it has a sample, so those of other members are there when the cluster is formed.

        `GET /metrics` (or `/api/v1/metrics`) answers in the Prometheus text format 0.0.4, or in OpenMetrics 1.0 where
        `Accept` prefers it, packed with gzip where `Accept-Encoding` allows it. OpenMetrics adds units and exemplars:
        buckets of `hedgehog_http_request_duration_seconds`, `hedgehog_replication_send_duration_seconds` and
        `hedgehog_replication_received_duration_seconds`, and server errors in `hedgehog_http_requests_total`, name
        the newest request whose trace is recorded, by `trace_id` and `span_id`. There are no `_created` samples, and
        there is no setting for them: readers that do not know them keep them as series of their own.

        No label takes a value from a request. `method`, `operation`, `status`, `code`, `reason` and the like are
        closed sets; `target_node` names members of the cluster; `table` names tables that exist, at most
        `--metrics-max-tables` of them, and the others share `__other__`. A table of that very name counts there too.

        More than four pages at a time are answered 503, and so is one that is not done within
        `X-Prometheus-Scrape-Timeout-Seconds`.

        """

    var text: String { Self.opening + "\n" + table + "\n" + buckets }

    private var table: String {
        let rows = MetricFamily.catalogue.map { family in
            let labels = family.labels.map { "`\($0)`" }.joined(separator: ", ")
            return "| `\(family.name)` | \(family.kindWord) | \(labels) | \(family.help) |"
        }
        return (["| Name | Type | Labels | Meaning |", "|---|---|---|---|"] + rows).joined(separator: "\n") + "\n"
    }

    /// Families that have the same ones together, in the order of their first.
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
        return "## Buckets\n\n| Upper bounds, and +Inf | Of |\n|---|---|\n" + rows.joined(separator: "\n") + "\n"
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
