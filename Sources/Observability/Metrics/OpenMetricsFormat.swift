internal import Base

// What OpenMetrics 1.0 writes otherwise than the text format 0.0.4: the head of a family, exemplars, and a last line.
// Samples are the same in both. `_created` samples are left out for good: a reader that does not know them keeps them
// as series of their own.

enum OpenMetricsFormat {
    static let end: StaticString = "# EOF\n"

    /// In the order that the specification wants. A counter's family lacks the `_total` of its samples.
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

    /// A unit is named only where it ends the family's name.
    private static func unit(of name: String) -> String? {
        ["seconds", "bytes"].first { name.hasSuffix("_" + $0) }
    }

    /// Behind a sample's value. Both labels together are 62 characters long, of the 128 that are allowed.
    static func append(_ kept: ExemplarStore.Kept, to text: inout [UInt8]) {
        text.append(" # {trace_id=\"")
        kept.exemplar.traceID.append(to: &text)
        text.append("\",span_id=\"")
        kept.exemplar.spanID.append(to: &text)
        text.append("\"} ")
        text.appendSeconds(nanoseconds: kept.nanoseconds)
        text.append(" ")
        let wall = kept.exemplar.wallMilliseconds
        text.appendDecimal(wall / 1_000)
        text.append(".")
        text.appendDecimal(wall % 1_000, minimumDigits: 3)
    }
}
