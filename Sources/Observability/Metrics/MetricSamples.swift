/// The numbers that observers give for one page: of values whose home is elsewhere (a store's sizes, open
/// connections, the process). Samples of one family with equal labels are added up, which is what tables that share
/// a label need.
package struct MetricSamples {
    struct Sample: Sendable {
        let labels: [UInt8]
        /// A counter's value, or the bits of a gauge's.
        var value: UInt64
    }

    private(set) var byFamily: [[Sample]]
    private var places: [Place: Int] = [:]
    private let positions: [String: Int]

    private struct Place: Hashable {
        let family: Int
        let labels: [UInt8]
    }

    init(familyCount: Int, positions: [String: Int]) {
        byFamily = Array(repeating: [], count: familyCount)
        self.positions = positions
    }

    /// `value` is in the stored unit: nanoseconds for a family in seconds.
    package mutating func counter(_ family: MetricFamily, _ labels: String..., value: UInt64) {
        precondition(family.kind == .counter, "\(family.name) is no counter")
        add(family, labels, value)
    }

    /// `value` is in the stored unit: nanoseconds for a family in seconds.
    package mutating func gauge(_ family: MetricFamily, _ labels: String..., value: Int64) {
        precondition(family.kind == .gauge, "\(family.name) is no gauge")
        add(family, labels, UInt64(bitPattern: value))
    }

    private mutating func add(_ family: MetricFamily, _ labels: [String], _ value: UInt64) {
        precondition(labels.count == family.labels.count, "\(family.name) was given \(labels.count) labels")
        guard let position = positions[family.name] else {
            preconditionFailure("\(family.name) is missing from the catalogue")
        }
        let encoded = TextFormat.labels(names: family.labels, values: labels)
        let place = Place(family: position, labels: encoded)
        if let index = places[place] {
            byFamily[position][index].value &+= value
        } else {
            places[place] = byFamily[position].count
            byFamily[position].append(Sample(labels: encoded, value: value))
        }
    }
}
