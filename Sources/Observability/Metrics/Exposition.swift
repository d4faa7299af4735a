internal import Base

/// A copy of all numbers of the metrics at the start of a scrape, from which the metrics page is encoded. It is encoded
/// in slices so that a page of ten thousand lines does not block the event loop. It shares nothing with the registry,
/// so another thread may encode it.
package struct Exposition: Sendable {
    private let format: PageFormat
    private let families: [RegisteredFamily]
    private let values: [UInt64]
    private let observed: [[MetricSamples.Sample]]
    private let exemplars: ExemplarStore
    /// How far the encoding of the metrics page has come: the index of the metric to encode next, and how many of its
    /// series and observed samples are already encoded.
    private var position = 0
    private var seriesDone = 0
    private var samplesDone = 0

    init(
        _ format: PageFormat, families: [RegisteredFamily], values: [UInt64], observed: [[MetricSamples.Sample]],
        exemplars: ExemplarStore
    ) {
        self.format = format
        self.families = families
        self.values = values
        self.observed = observed
        self.exemplars = exemplars
    }

    /// Appends about `maximumSamples` lines to a metrics page; the lines of a histogram are never split. Returns false
    /// when the page is complete.
    package mutating func renderNext(maximumSamples: Int, into page: inout [UInt8]) -> Bool {
        precondition(maximumSamples > 0, "a slice of no samples makes no progress")
        var budget = maximumSamples
        while position < families.count {
            renderFamily(&budget, into: &page)
            if budget <= 0 { break }
            position += 1
            seriesDone = 0
            samplesDone = 0
        }
        if position < families.count { return true }
        if format == .openMetrics { page.append(OpenMetricsFormat.end) }
        return false
    }

    private mutating func renderFamily(_ budget: inout Int, into page: inout [UInt8]) {
        let registered = families[position]
        let samples = observed[position]
        guard !registered.series.isEmpty || !samples.isEmpty else { return }
        if seriesDone == 0, samplesDone == 0 {
            page.append(contentsOf: format == .text ? registered.text.header : registered.text.openMetricsHeader)
        }
        while budget > 0, seriesDone < registered.series.count {
            budget -= append(registered.series[seriesDone], of: registered, to: &page)
            seriesDone += 1
        }
        while budget > 0, samplesDone < samples.count {
            let sample = samples[samplesDone]
            appendLine(registered.text.line, registered, labels: sample.labels, value: sample.value, to: &page)
            page.append(UInt8(ascii: "\n"))
            budget -= 1
            samplesDone += 1
        }
    }

    /// Appends the lines of one metric series to the page. Returns the number of lines.
    private func append(_ series: Series, of registered: RegisteredFamily, to page: inout [UInt8]) -> Int {
        let text = registered.text
        let ends = text.bucketEnds
        guard !ends.isEmpty else {
            appendLine(text.line, registered, labels: series.labels, value: values[series.slot], to: &page)
            appendEnd(series.slot, to: &page)
            return 1
        }
        var count: UInt64 = 0
        for bucket in ends.indices {
            count &+= values[series.slot + bucket]
            page.append(text.bucket.span)
            page.append(series.labels.span)
            page.append(contentsOf: ends[bucket])
            page.appendDecimal(count)
            appendEnd(series.slot + bucket, to: &page)
        }
        let sum = values[series.slot + ends.count]
        appendLine(text.sum, registered, labels: series.labels, value: sum, to: &page)
        page.append(UInt8(ascii: "\n"))
        page.append(text.count.span)
        page.append(series.labels.span)
        page.append(text.lineEnd.span)
        page.appendDecimal(count)
        page.append(UInt8(ascii: "\n"))
        return ends.count + 2
    }

    private func appendLine(
        _ start: [UInt8], _ registered: RegisteredFamily, labels: [UInt8], value: UInt64, to page: inout [UInt8]
    ) {
        page.append(start.span)
        page.append(labels.span)
        page.append(registered.text.lineEnd.span)
        TextFormat.append(value, of: registered.family, to: &page)
    }

    /// Ends the line of a sample. In OpenMetrics it first appends the exemplar of the slot, if there is one.
    private func appendEnd(_ slot: Int, to page: inout [UInt8]) {
        if format == .openMetrics, let entry = exemplars[slot] { OpenMetricsFormat.append(entry, to: &page) }
        page.append(UInt8(ascii: "\n"))
    }
}
