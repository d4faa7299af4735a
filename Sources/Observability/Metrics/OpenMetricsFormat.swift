internal import Base

// The parts of OpenMetrics 1.0 that differ from the Prometheus text format 0.0.4: the lines before the samples of a
// metric, exemplars, and the last line. Samples are the same in both. `_created` samples are left out on purpose: a
// scraper that does not know them stores them as separate series.

enum OpenMetricsFormat {
    static let end: StaticString = "# EOF\n"

    /// Returns the lines before the samples of a metric, in the order that OpenMetrics requires. The name of a counter
    /// in these lines lacks the suffix `_total` of its samples.
    static func header(_ family: MetricFamily) -> [UInt8] {
        let name = familyName(family)
        var text = Array("# TYPE \(name) \(family.kind.word)\n".utf8)
        if let unit = unit(of: name) { text.append(contentsOf: "# UNIT \(name) \(unit)\n".utf8) }
        text.append(contentsOf: "# HELP \(name) ".utf8)
        TextFormat.appendEscaped(family.help, quotes: true, to: &text)
        text.append(UInt8(ascii: "\n"))
        return text
    }

    static func familyName(_ family: MetricFamily) -> String {
        family.kind == .counter ? String(family.name.dropLast("_total".utf8.count)) : family.name
    }

    /// Returns the unit for the `# UNIT` line of a metric, or nil: OpenMetrics allows that line only if the metric's
    /// name ends with the unit.
    private static func unit(of name: String) -> String? {
        ["seconds", "bytes"].first { name.hasSuffix("_" + $0) }
    }

    /// Appends an OpenMetrics exemplar after the value of a sample. The names and values of its two labels have 63
    /// characters together; OpenMetrics allows 128.
    static func append(_ entry: ExemplarStore.Entry, to text: inout [UInt8]) {
        text.append(" # {trace_id=\"")
        entry.exemplar.traceID.append(to: &text)
        text.append("\",span_id=\"")
        entry.exemplar.spanID.append(to: &text)
        text.append("\"} ")
        text.appendSeconds(nanoseconds: entry.nanoseconds)
        text.append(" ")
        let wall = entry.exemplar.wallMilliseconds
        text.appendDecimal(wall / 1_000)
        text.append(".")
        text.appendDecimal(wall % 1_000, minimumDigits: 3)
    }
}
