/// One metric: its name, type, help text and label names, as written at the head of its samples.
package struct MetricFamily: Sendable {
    package enum Kind: Equatable, Sendable {
        case counter
        case gauge
        /// `bounds` are the upper bounds of the buckets, inclusive and ascending, in the stored unit, without `+Inf`.
        case histogram(bounds: [UInt64])
    }

    package enum Unit: Sendable {
        /// The value is printed as it is stored.
        case plain
        /// The value is stored in nanoseconds and printed in seconds.
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
