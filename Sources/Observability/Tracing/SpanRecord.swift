/// A recorded span, as it is exported and as `hedgehogctl trace` shows it. (The name `Span` belongs to the standard
/// library.)
package struct SpanRecord: Sendable {
    package enum Kind: Int, Sendable {
        // The raw values are the numbers of the span kinds in OTLP.
        case `internal` = 1
        case server
        case client
    }

    package enum Status: Equatable, Sendable {
        /// The work that the span describes did not fail.
        case unset
        /// The work that the span describes failed. The sentence may be empty if a status code or the attribute
        /// `error.type` describes the error.
        case error(String)
    }

    package let traceID: TraceID
    package let spanID: SpanID
    /// The id of the parent span, or nil for the root span of a trace.
    package let parent: SpanID?
    /// Whether the parent span is in another process.
    package let parentIsRemote: Bool
    package let flags: TraceFlags
    package let tracestate: Tracestate
    package let kind: Kind
    package let name: String
    /// The wall-clock times at which the span started and ended, in nanoseconds since 1970.
    package let startNanoseconds: UInt64
    package internal(set) var endNanoseconds: UInt64
    /// Computes further attributes when the span is exported or shown by `hedgehogctl trace`. Nil if there are none.
    package internal(set) var source: (any SpanAttributeSource)?
    /// The attributes that were set one by one, in contrast to those that the attribute source computes.
    var ownAttributes: [SpanAttribute] = []
    package internal(set) var events: [SpanEvent] = []
    package internal(set) var links: [SpanLink] = []
    package internal(set) var status = Status.unset
    let limits: SpanLimits
    /// The numbers of events and links that were dropped because the span had reached its limits.
    package internal(set) var droppedEvents = 0
    package internal(set) var droppedLinks = 0

    package init(
        traceID: TraceID, spanID: SpanID, parent: SpanID?, parentIsRemote: Bool, flags: TraceFlags,
        tracestate: Tracestate = .empty, kind: Kind, name: String, startNanoseconds: UInt64, endNanoseconds: UInt64,
        limits: SpanLimits = SpanLimits()
    ) {
        self.traceID = traceID
        self.spanID = spanID
        self.parent = parent
        self.parentIsRemote = parentIsRemote
        self.flags = flags
        self.tracestate = tracestate
        self.kind = kind
        self.name = name
        self.startNanoseconds = startNanoseconds
        self.endNanoseconds = endNanoseconds
        self.limits = limits
    }
}

extension SpanRecord {
    package static let requestIDKey = "hedgehog.request_id"

    /// Calls `body` with each attribute of the span, up to the maximum number of attributes; values that are too long
    /// are cut. Returns how many attributes exceeded the maximum.
    @discardableResult
    package func forEachAttribute(_ body: (_ key: String, _ value: SpanAttribute.Value) -> Void) -> Int {
        var count = 0
        let cuts = limits.attributeValueBytes < .max
        func visit(_ key: String, _ value: SpanAttribute.Value) {
            count += 1
            guard count <= limits.attributes else { return }
            if cuts { body(key, limits.cut(value)) } else { body(key, value) }
        }
        source?.forEachAttribute(visit)
        for attribute in ownAttributes { visit(attribute.key, attribute.value) }
        return max(0, count - limits.attributes)
    }

    /// The attributes of the span within its limits, including those that the attribute source computes.
    package var attributes: [SpanAttribute] {
        var attributes: [SpanAttribute] = []
        forEachAttribute { attributes.append(SpanAttribute($0, $1)) }
        return attributes
    }

    /// Returns whether the span was recorded for the request with the id `requestID`.
    func belongs(toRequest requestID: [UInt8]) -> Bool {
        if let source, source.belongs(toRequest: requestID) { return true }
        guard let attribute = ownAttributes.first(where: { $0.key == Self.requestIDKey }) else { return false }
        switch attribute.value {
        case .text(let text): return text.utf8.elementsEqual(requestID)
        case .bytes(let bytes): return bytes.elementsEqual(requestID)
        case .requestID(let id): return id.equals(requestID)
        case .integer, .flag: return false
        }
    }
}

/// An OpenTelemetry span event: something that happened at one moment within a span.
package struct SpanEvent: Equatable, Sendable {
    package let name: String
    /// The wall-clock time of the event, in nanoseconds since 1970.
    package let nanoseconds: UInt64
    package let attributes: [SpanAttribute]

    package init(_ name: String, nanoseconds: UInt64, attributes: [SpanAttribute] = []) {
        self.name = name
        self.nanoseconds = nanoseconds
        self.attributes = attributes
    }
}

/// A link from a span to the span in another trace that caused it, possibly hours ago.
package struct SpanLink: Hashable, Sendable {
    package let traceID: TraceID
    package let spanID: SpanID
    package let flags: TraceFlags

    package init(traceID: TraceID, spanID: SpanID, flags: TraceFlags) {
        self.traceID = traceID
        self.spanID = spanID
        self.flags = flags
    }
}

/// The limits of one span, with the defaults of OpenTelemetry. Attributes, events and links beyond them are dropped and
/// counted.
package struct SpanLimits: Equatable, Sendable {
    package var attributes = 128
    package var events = 128
    package var links = 128
    /// The maximum length in bytes of the text value of an attribute. A longer text is cut.
    package var attributeValueBytes = Int.max

    package init() {}
}
