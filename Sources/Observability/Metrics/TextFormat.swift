internal import Base

// The Prometheus text format, version 0.0.4. Bucket bounds are written as OpenMetrics requires (`1.0`, not `1`), so
// that a scraper that changes from one format to the other does not create new series.

enum TextFormat {
    /// Encodes metric labels as `a="1",b="2"`. The result is empty if there are no labels.
    static func labels(names: [String], values: [String]) -> [UInt8] {
        var text: [UInt8] = []
        for (name, value) in zip(names, values) {
            if !text.isEmpty { text.append(UInt8(ascii: ",")) }
            text.append(contentsOf: name.utf8)
            text.append("=\"")
            appendEscaped(value, quotes: true, to: &text)
            text.append(UInt8(ascii: "\""))
        }
        return text
    }

    static func appendEscaped(_ value: String, quotes: Bool, to text: inout [UInt8]) {
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): text.append("\\\\")
            case UInt8(ascii: "\n"): text.append("\\n")
            case UInt8(ascii: "\"") where quotes: text.append("\\\"")
            default: text.append(byte)
            }
        }
    }

    static func append(_ value: UInt64, of family: MetricFamily, to text: inout [UInt8]) {
        let isNegative = family.kind == .gauge && Int64(bitPattern: value) < 0
        if isNegative { text.append(UInt8(ascii: "-")) }
        let magnitude = isNegative ? 0 &- value : value
        switch family.unit {
        case .plain: text.appendDecimal(magnitude)
        case .seconds: text.appendSeconds(nanoseconds: magnitude)
        }
    }

    static func bound(_ bound: UInt64, unit: MetricFamily.Unit) -> [UInt8] {
        var text: [UInt8] = []
        switch unit {
        case .plain: text.appendDecimal(bound)
        case .seconds: text.appendSeconds(nanoseconds: bound)
        }
        if !text.contains(UInt8(ascii: ".")) { text.append(".0") }
        return text
    }
}

/// The text on the metrics page that is the same for all series of one metric. It includes the braces and commas around
/// the labels, which depend only on whether the metric has labels.
struct FamilyText: Sendable {
    /// The lines `# HELP` and `# TYPE` before the samples of a metric, in the Prometheus text format.
    let header: [UInt8]
    let openMetricsHeader: [UInt8]
    /// The first part of the lines of a metric: `name{`, and in histograms `name_bucket{`, `name_sum{` and
    /// `name_count{`. Without labels only `name_bucket{` has the brace.
    let line, bucket, sum, count: [UInt8]
    /// The text between the labels of a sample and its value: `} `, or a space without labels.
    let lineEnd: [UInt8]
    /// The text after the labels in the bucket lines of a histogram: `,le="0.001"} ` and so on for each bucket, `+Inf`
    /// last. Empty unless the metric is a histogram.
    let bucketEnds: [[UInt8]]

    init(_ family: MetricFamily) {
        var header = Array("# HELP \(family.name) ".utf8)
        TextFormat.appendEscaped(family.help, quotes: false, to: &header)
        header.append(contentsOf: "\n# TYPE \(family.name) \(family.kind.word)\n".utf8)
        self.header = header
        openMetricsHeader = OpenMetricsFormat.header(family)
        let hasLabels = !family.labels.isEmpty
        func start(_ suffix: String, braced: Bool) -> [UInt8] {
            Array((family.name + suffix + (braced ? "{" : "")).utf8)
        }
        line = start("", braced: hasLabels)
        bucket = start("_bucket", braced: true)
        sum = start("_sum", braced: hasLabels)
        count = start("_count", braced: hasLabels)
        lineEnd = Array((hasLabels ? "} " : " ").utf8)
        let bounds = family.bounds.map { TextFormat.bound($0, unit: family.unit) }
        let allBounds = bounds.isEmpty ? [] : bounds + [Array("+Inf".utf8)]
        let bucketEnd = Array((hasLabels ? ",le=\"" : "le=\"").utf8)
        bucketEnds = allBounds.map { bucketEnd + $0 + Array("\"} ".utf8) }
    }
}

extension MetricFamily.Kind {
    var word: String {
        switch self {
        case .counter: "counter"
        case .gauge: "gauge"
        case .histogram: "histogram"
        }
    }
}
