/// One metric as the page announces it: a name, a type, a help text, the names of its labels.
package struct MetricFamily: Sendable {
    package enum Kind: Equatable, Sendable {
        case counter
        case gauge
        /// Upper bounds of the buckets, inclusive and ascending, in the stored unit. `+Inf` is implied.
        case histogram(bounds: [UInt64])
    }

    package enum Unit: Sendable {
        /// Stored and printed alike.
        case plain
        /// Stored as integer nanoseconds, printed as seconds.
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
