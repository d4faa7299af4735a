/// A metric: its name, type, unit, help text and label names. Prometheus calls it a metric family, because it has a
/// series for each combination of label values.
package struct MetricFamily: Sendable {
    package enum Kind: Equatable, Sendable {
        case counter
        case gauge
        /// A histogram. `bounds` are the upper bounds of its buckets, inclusive and ascending, in the unit in which
        /// values are stored, without `+Inf`.
        case histogram(bounds: [UInt64])
    }

    package enum Unit: Sendable {
        /// The values of the metric are printed in the unit in which they are stored.
        case plain
        /// The values of the metric are stored in nanoseconds and printed in seconds.
        case seconds
    }

    package let name: String
    package let kind: Kind
    package let unit: Unit
    package let help: String
    package let labels: [String]

    static func counter(
        _ name: String, _ help: String, labels: [String] = [], unit: Unit = .plain
    ) -> MetricFamily {
        MetricFamily(name: name, kind: .counter, unit: unit, help: help, labels: labels)
    }

    static func gauge(
        _ name: String, _ help: String, labels: [String] = [], unit: Unit = .plain
    ) -> MetricFamily {
        MetricFamily(name: name, kind: .gauge, unit: unit, help: help, labels: labels)
    }

    static func histogram(
        _ name: String, _ help: String, labels: [String] = [], unit: Unit, bounds: [UInt64]
    ) -> MetricFamily {
        MetricFamily(name: name, kind: .histogram(bounds: bounds), unit: unit, help: help, labels: labels)
    }

    var bounds: [UInt64] {
        if case .histogram(let bounds) = kind { bounds } else { [] }
    }
}
