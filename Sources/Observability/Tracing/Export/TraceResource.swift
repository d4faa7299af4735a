/// The resource of OpenTelemetry: the description of the process that recorded the spans, sent once in each batch.
package struct TraceResource: Equatable, Sendable {
    static let scopeName = "hedgehogdb"

    package let attributes: [SpanAttribute]
    let scopeVersion: String

    /// The facts about the process that are exported as attributes of the OpenTelemetry resource.
    package struct Facts: Sendable {
        package var nodeID: String
        package var version: String
        /// The name of the host, or nil if the system call for it failed.
        package var hostName: String?
        package var processID: Int

        package init(nodeID: String, version: String, hostName: String?, processID: Int) {
            self.nodeID = nodeID
            self.version = version
            self.hostName = hostName
            self.processID = processID
        }
    }

    /// Makes the attributes of the resource. Attributes from `OTEL_RESOURCE_ATTRIBUTES` override the facts about the
    /// process, except the `telemetry.sdk` attributes, which identify the software that produced the data.
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

/// The constants of OTLP that its two encodings, Protocol Buffers and JSON, have in common.
enum OTLP {
    static let statusError: UInt64 = 2
    /// Flags of a span in OTLP: `isRemote` says whether its parent is in another process; `hasIsRemote` says that
    /// `isRemote` is valid.
    static let hasIsRemote: UInt32 = 0x100
    static let isRemote: UInt32 = 0x200
}

extension SpanRecord {
    var otlpFlags: UInt32 {
        UInt32(flags.rawValue) | OTLP.hasIsRemote | (parentIsRemote ? OTLP.isRemote : 0)
    }
}
