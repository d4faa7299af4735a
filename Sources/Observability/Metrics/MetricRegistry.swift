internal import Base

/// The metrics of one node: its series, their numbers, and who to ask for numbers kept elsewhere.
///
/// Loop-bound: every method is for the loop's thread. Updates are integer additions, they allocate nothing. What was
/// asked of the registry and cannot be (a label too many, a family of another kind) is our own bug and traps.
package final class MetricRegistry {
    private let slab: MetricSlab
    /// The bounds of all histograms, one after another; handles point into it.
    private let bounds: [UInt64] = MetricFamily.catalogue.flatMap(\.bounds)
    private var families: [RegisteredFamily] = []
    private var positions: [String: Int] = [:]
    private var observers: [(inout MetricSamples) -> Void] = []
    private var exemplars = ExemplarStore()
    /// Set to the number of samples each time a page is made.
    var seriesGauge: Gauge?

    /// `maximumTables` is what the `table` label is bounded by.
    package init(maximumTables: Int = ObservabilityLimits.tables) {
        slab = MetricSlab(capacity: ObservabilityLimits.metricSlots(tables: maximumTables))
        var firstBound = 0
        for family in MetricFamily.catalogue {
            let known = positions.updateValue(families.count, forKey: family.name)
            precondition(known == nil, "two families in the catalogue are called \(family.name)")
            families.append(RegisteredFamily(family, firstBound: firstBound))
            firstBound += family.bounds.count
        }
    }
}

// MARK: Series

extension MetricRegistry {
    /// A new series at 0. `labels` are the values in the order of the family's label names.
    package func counter(_ family: MetricFamily, _ labels: String...) -> Counter {
        precondition(family.kind == .counter, "\(family.name) is no counter")
        return Counter(slot: register(family, labels))
    }

    package func gauge(_ family: MetricFamily, _ labels: String...) -> Gauge {
        precondition(family.kind == .gauge, "\(family.name) is no gauge")
        return Gauge(slot: register(family, labels))
    }

    package func histogram(_ family: MetricFamily, _ labels: String...) -> Histogram {
        let boundCount = family.bounds.count
        precondition(boundCount > 0, "\(family.name) is no histogram")
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

    /// Takes these series off the page and gives their slots back. Their handles must not be used again.
    func remove(_ family: MetricFamily, slots: Set<Int32>) {
        let position = position(of: family)
        families[position].remove(slots)
        let count = families[position].slotCount
        for slot in slots {
            slab.release(Int(slot), slotCount: count)
            exemplars.forget(Int(slot)..<(Int(slot) + count))
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
    /// Wraps at 2^64, which readers take for a restart.
    package func increment(_ counter: Counter, by amount: UInt64 = 1) {
        slab[Int(counter.slot)] &+= amount
    }

    /// `value` is in the stored unit: nanoseconds for a family in seconds.
    package func set(_ gauge: Gauge, to value: Int64) {
        slab[Int(gauge.slot)] = UInt64(bitPattern: value)
    }

    package func add(_ amount: Int64, to gauge: Gauge) {
        slab[Int(gauge.slot)] &+= UInt64(bitPattern: amount)
    }

    /// `value` is in the stored unit: nanoseconds for a family in seconds.
    package func record(_ value: UInt64, in histogram: Histogram) {
        _ = place(value, in: histogram)
    }

    /// The slot of the bucket that it fell into.
    @inline(__always)
    private func place(_ value: UInt64, in histogram: Histogram) -> Int {
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
    /// Of a histogram in seconds.
    package func record(_ nanoseconds: UInt64, in histogram: Histogram, exemplar: Exemplar?) {
        let bucket = place(nanoseconds, in: histogram)
        if let exemplar { exemplars.offer(exemplar, nanoseconds: nanoseconds, at: bucket) }
    }

    /// Names a request that a counter has counted, and how long that took.
    package func note(_ exemplar: Exemplar, nanoseconds: UInt64, of counter: Counter) {
        exemplars.offer(exemplar, nanoseconds: nanoseconds, at: Int(counter.slot))
    }

    /// One for each bucket or counter that was ever given one.
    package var exemplarCount: Int { exemplars.count }
}

// MARK: Reading

extension MetricRegistry {
    /// Asks `observer` for numbers kept elsewhere each time the page is made. It may give many samples, and must not
    /// wait for anything.
    package func observe(_ observer: @escaping (inout MetricSamples) -> Void) {
        observers.append(observer)
    }

    /// All numbers as they are now. The registry may change while the page is encoded from it in slices.
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

    /// Eight bytes each: what the numbers of all series take, slots that wait for reuse included.
    package var slotCount: Int { slab.claimedCount }

    package func render(as format: PageFormat = .text) -> [UInt8] {
        var exposition = exposition(as: format)
        var page: [UInt8] = []
        while exposition.renderNext(maximumSamples: .max, into: &page) {}
        return page
    }
}
