internal import Base

/// The metrics of one node: its series, their numbers, and the observers that add numbers kept elsewhere.
///
/// Only the event loop may call its methods. Updates are integer additions without allocation. A wrong call (a label
/// too many, a metric of another type) is a bug of this program and traps.
package final class MetricRegistry {
    private let slab: MetricSlab
    /// The bucket bounds of all histograms, one after another. Histogram handles hold indices into it.
    private let bounds: [UInt64] = MetricFamily.catalogue.flatMap(\.bounds)
    private var families: [RegisteredFamily] = []
    private var positions: [String: Int] = [:]
    private var observers: [(inout MetricSamples) -> Void] = []
    private var exemplars = ExemplarStore()
    /// The gauge of the number of samples on the metrics page, which is set each time a page is made.
    var seriesGauge: Gauge?

    /// Reserves the memory for all series. `maximumTables` is the maximum number of values of the `table` label.
    package init(maximumTables: Int = ObservabilityLimits.tables) {
        slab = MetricSlab(capacity: ObservabilityLimits.metricSlots(tables: maximumTables))
        var firstBound = 0
        for family in MetricFamily.catalogue {
            let known = positions.updateValue(families.count, forKey: family.name)
            precondition(known == nil, "two families in the catalogue have the name \(family.name)")
            families.append(RegisteredFamily(family, firstBound: firstBound))
            firstBound += family.bounds.count
        }
    }
}

// MARK: Series

extension MetricRegistry {
    /// Registers a series of a counter, which starts at 0. `labels` are the label values in the order of the label
    /// names.
    package func counter(_ family: MetricFamily, _ labels: String...) -> Counter {
        precondition(family.kind == .counter, "\(family.name) is not a counter")
        return Counter(slot: register(family, labels))
    }

    package func gauge(_ family: MetricFamily, _ labels: String...) -> Gauge {
        precondition(family.kind == .gauge, "\(family.name) is not a gauge")
        return Gauge(slot: register(family, labels))
    }

    package func histogram(_ family: MetricFamily, _ labels: String...) -> Histogram {
        let boundCount = family.bounds.count
        precondition(boundCount > 0, "\(family.name) is not a histogram")
        let slot = register(family, labels)
        return Histogram(
            slot: slot, firstBound: Int32(families[position(of: family)].firstBound), boundCount: Int32(boundCount))
    }

    private func register(_ family: MetricFamily, _ values: [String]) -> Int32 {
        let position = position(of: family)
        let slot = slab.claim(families[position].slotCount)
        families[position].append(Series(labels: families[position].encode(values), slot: slot))
        return Int32(slot)
    }

    /// Removes series of a metric from the metrics page and releases their slots. Their handles must not be used again.
    func remove(_ family: MetricFamily, slots: Set<Int32>) {
        let position = position(of: family)
        families[position].remove(slots)
        let count = families[position].slotCount
        for slot in slots {
            slab.release(Int(slot), slotCount: count)
            exemplars.remove(Int(slot)..<(Int(slot) + count))
        }
    }

    private func position(of family: MetricFamily) -> Int {
        guard let position = positions[family.name] else {
            preconditionFailure("\(family.name) is missing from the catalogue")
        }
        return position
    }
}

// MARK: Updates

extension MetricRegistry {
    /// Adds to a counter, which wraps at 2^64. Prometheus treats the wrap as a counter reset.
    package func increment(_ counter: Counter, by amount: UInt64 = 1) {
        slab[Int(counter.slot)] &+= amount
    }

    /// Sets a gauge. `value` is in nanoseconds if the unit of the metric is seconds.
    package func set(_ gauge: Gauge, to value: Int64) {
        slab[Int(gauge.slot)] = UInt64(bitPattern: value)
    }

    package func add(_ amount: Int64, to gauge: Gauge) {
        slab[Int(gauge.slot)] &+= UInt64(bitPattern: amount)
    }

    /// Adds a value to a histogram. `value` is in nanoseconds if the unit of the metric is seconds.
    package func record(_ value: UInt64, in histogram: Histogram) {
        _ = add(value, to: histogram)
    }

    /// Adds a value to a histogram and returns the index of the slot that counts its bucket.
    @inline(__always)
    private func add(_ value: UInt64, to histogram: Histogram) -> Int {
        let first = Int(histogram.firstBound)
        let count = Int(histogram.boundCount)
        var bucket = 0
        while bucket < count, value > bounds[first + bucket] { bucket += 1 }
        let slot = Int(histogram.slot)
        slab[slot + bucket] &+= 1
        slab[slot + count + 1] &+= value
        return slot + bucket
    }
}

// MARK: Exemplars

extension MetricRegistry {
    /// Records a duration in a histogram whose unit is seconds. `exemplar` identifies the request if its trace is
    /// recorded.
    package func record(_ nanoseconds: UInt64, in histogram: Histogram, exemplar: Exemplar?) {
        let bucket = add(nanoseconds, to: histogram)
        if let exemplar { exemplars.offer(exemplar, nanoseconds: nanoseconds, at: bucket) }
    }

    /// Stores the exemplar of a request that `counter` has counted, with the duration of the request.
    package func attach(_ exemplar: Exemplar, nanoseconds: UInt64, to counter: Counter) {
        exemplars.offer(exemplar, nanoseconds: nanoseconds, at: Int(counter.slot))
    }

    /// The number of histogram buckets and counters that have an exemplar.
    package var exemplarCount: Int { exemplars.count }
}

// MARK: Reading

extension MetricRegistry {
    /// Registers an observer, which adds samples to each metrics page, as many as it needs. It must not block.
    package func observe(_ observer: @escaping (inout MetricSamples) -> Void) {
        observers.append(observer)
    }

    /// Copies the current numbers of all metrics, so that the numbers may change while the metrics page is encoded in
    /// slices.
    package func exposition(as format: PageFormat = .text) -> Exposition {
        var samples = MetricSamples(familyCount: families.count, positions: positions)
        for observer in observers { observer(&samples) }
        let observed = samples.byFamily
        if let seriesGauge { set(seriesGauge, to: Int64(sampleCount(observed))) }
        return Exposition(
            format, families: families, values: slab.copy, observed: observed, exemplars: exemplars)
    }

    private func sampleCount(_ observed: [[MetricSamples.Sample]]) -> Int {
        families.reduce(observed.reduce(0) { $0 + $1.count }) { $0 + $1.series.count * $1.linesPerSeries }
    }

    /// The number of slots, eight bytes each, in which the registry stores the numbers of all series, including the
    /// slots that removed series have released.
    package var slotCount: Int { slab.claimedCount }

    package func render(as format: PageFormat = .text) -> [UInt8] {
        var exposition = exposition(as: format)
        var page: [UInt8] = []
        while exposition.renderNext(maximumSamples: .max, into: &page) {}
        return page
    }
}
