/// The samples that observers add to a metrics page. They are of numbers that are kept elsewhere, such as the sizes of
/// a store or the number of open connections. Samples of one metric with equal labels are added up, because tables
/// beyond the limit share one value of the `table` label.
package struct MetricSamples {
    struct Sample: Sendable {
        let labels: [UInt8]
        /// The value of the sample: the count of a counter, or the bit pattern of the signed value of a gauge.
        var value: UInt64
    }

    private(set) var byFamily: [[Sample]]
    private var indices: [Key: Int] = [:]
    private let positions: [String: Int]

    private struct Key: Hashable {
        let family: Int
        let labels: [UInt8]
    }

    init(familyCount: Int, positions: [String: Int]) {
        byFamily = Array(repeating: [], count: familyCount)
        self.positions = positions
    }

    /// Adds a sample of a counter. `value` is in nanoseconds if the unit of the metric is seconds.
    package mutating func counter(_ family: MetricFamily, _ labels: String..., value: UInt64) {
        precondition(family.kind == .counter, "\(family.name) is not a counter")
        add(family, labels, value)
    }

    /// Adds a sample of a gauge. `value` is in nanoseconds if the unit of the metric is seconds.
    package mutating func gauge(_ family: MetricFamily, _ labels: String..., value: Int64) {
        precondition(family.kind == .gauge, "\(family.name) is not a gauge")
        add(family, labels, UInt64(bitPattern: value))
    }

    private mutating func add(_ family: MetricFamily, _ labels: [String], _ value: UInt64) {
        precondition(labels.count == family.labels.count, "\(family.name) was given \(labels.count) labels")
        guard let position = positions[family.name] else {
            preconditionFailure("\(family.name) is missing from the catalogue")
        }
        let encoded = TextFormat.labels(names: family.labels, values: labels)
        let key = Key(family: position, labels: encoded)
        if let index = indices[key] {
            byFamily[position][index].value &+= value
        } else {
            indices[key] = byFamily[position].count
            byFamily[position].append(Sample(labels: encoded, value: value))
        }
    }
}
