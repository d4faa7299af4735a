/// Who made the spans, said once a batch.
package struct TraceResource: Equatable, Sendable {
    static let scopeName = "hedgehogdb"

    package let attributes: [SpanAttribute]
    let scopeVersion: String

    /// What the process knows of itself.
    package struct Facts: Sendable {
        package var nodeID: String
        package var version: String
        /// Nil when the system does not say.
        package var hostName: String?
        package var processID: Int

        package init(nodeID: String, version: String, hostName: String?, processID: Int) {
            self.nodeID = nodeID
            self.version = version
            self.hostName = hostName
            self.processID = processID
        }
    }

    /// What an operator says in OTEL_RESOURCE_ATTRIBUTES beats what we know, but for the library's own name, which
    /// tells a collector whose bugs it sees.
    package init(_ facts: Facts, _ settings: TracingSettings) {
        scopeVersion = facts.version
        let own = Self.attributes(
            ("telemetry.sdk.name", "hedgehog-otel"), ("telemetry.sdk.language", "swift"),
            ("telemetry.sdk.version", facts.version))
        var known = Self.attributes(
            ("service.name", settings.serviceName), ("service.instance.id", facts.nodeID),
            ("service.version", facts.version))
        if let hostName = facts.hostName { known.append(SpanAttribute("host.name", .text(hostName))) }
        known.append(SpanAttribute("process.pid", .integer(facts.processID)))
        let fixed = Set(own.map(\.key) + ["service.name"])
        let given = settings.resourceAttributes.filter { !fixed.contains($0.key) }
        let overridden = Set(given.map(\.key))
        attributes = known.filter { !overridden.contains($0.key) } + given + own
    }

    private static func attributes(_ pairs: (String, String)...) -> [SpanAttribute] {
        pairs.map { SpanAttribute($0.0, .text($0.1)) }
    }
}

/// What both encodings share.
enum OTLP {
    static let statusError: UInt64 = 2
    /// The second bit says whether the parent is in another process, the first that the second means anything.
    static let hasIsRemote: UInt32 = 0x100
    static let isRemote: UInt32 = 0x200
}

extension SpanRecord {
    var otlpFlags: UInt32 {
        UInt32(flags.rawValue) | OTLP.hasIsRemote | (parentIsRemote ? OTLP.isRemote : 0)
    }
}
