/// One series of a metric: a line of the metrics page, or all lines of a histogram. `labels` is the encoded text
/// between the braces; `slot` is the index of its first number.
struct Series: Sendable {
    let labels: [UInt8]
    let slot: Int
}

/// A registered metric: its series in order of registration, and the text that is the same on every metrics page.
struct RegisteredFamily: Sendable {
    let family: MetricFamily
    let firstBound: Int
    let slotCount: Int
    let text: FamilyText
    private(set) var series: [Series] = []
    private var known: Set<[UInt8]> = []

    init(_ family: MetricFamily, firstBound: Int) {
        self.family = family
        self.firstBound = firstBound
        let boundCount = family.bounds.count
        slotCount = boundCount == 0 ? 1 : Histogram.slotCount(boundCount: boundCount)
        text = FamilyText(family)
    }

    /// The number of lines of one series on the metrics page. A histogram has one line for each bucket bound, and one
    /// each for `+Inf`, the sum and the count.
    var linesPerSeries: Int { family.bounds.isEmpty ? 1 : family.bounds.count + 3 }

    func encode(_ values: [String]) -> [UInt8] {
        precondition(
            values.count == family.labels.count,
            "\(family.name) has \(family.labels.count) labels and was given \(values.count)")
        return TextFormat.labels(names: family.labels, values: values)
    }

    mutating func append(_ one: Series) {
        precondition(known.insert(one.labels).inserted, "a series of \(family.name) was registered twice")
        series.append(one)
    }

    mutating func remove(_ slots: Set<Int32>) {
        for one in series where slots.contains(Int32(one.slot)) { known.remove(one.labels) }
        series.removeAll { slots.contains(Int32($0.slot)) }
    }
}
