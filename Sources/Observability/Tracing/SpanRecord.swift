/// A span that has ended, as it is exported and as `hedgehogctl trace` shows it. (The name `Span` belongs to the
/// standard library.)
package struct SpanRecord: Sendable {
    package enum Kind: Int, Sendable {
        // The raw values are the numbers of OTLP.
        case `internal` = 1
        case server
        case client
    }

    package enum Status: Equatable, Sendable {
        /// The work of this span did not fail.
        case unset
        /// The sentence may be empty if a status code or `error.type` describes the error.
        case error(String)
    }

    package let traceID: TraceID
    package let spanID: SpanID
    /// Nil for the root span of a trace.
    package let parent: SpanID?
    /// Whether the parent is in another process.
    package let parentIsRemote: Bool
    package let flags: TraceFlags
    package let tracestate: Tracestate
    package let kind: Kind
    package let name: String
    /// Nanoseconds since 1970.
    package let startNanoseconds: UInt64
    package internal(set) var endNanoseconds: UInt64
    /// The source of attributes that are computed when the span is read.
    package internal(set) var source: (any SpanAttributeSource)?
    /// The attributes that were set one by one.
    var ownAttributes: [SpanAttribute] = []
    package internal(set) var events: [SpanEvent] = []
    package internal(set) var links: [SpanLink] = []
    package internal(set) var status = Status.unset
    let limits: SpanLimits
    /// Events and links that exceeded the limits.
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

    /// Calls `body` with each attribute within the limits. Returns how many attributes exceeded them.
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

    /// The attributes that `forEachAttribute` visits.
    package var attributes: [SpanAttribute] {
        var attributes: [SpanAttribute] = []
        forEachAttribute { attributes.append(SpanAttribute($0, $1)) }
        return attributes
    }

    /// Whether the span belongs to the request with this id.
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

/// An event at one moment within a span.
package struct SpanEvent: Equatable, Sendable {
    package let name: String
    /// Nanoseconds since 1970.
    package let nanoseconds: UInt64
    package let attributes: [SpanAttribute]

    package init(_ name: String, nanoseconds: UInt64, attributes: [SpanAttribute] = []) {
        self.name = name
        self.nanoseconds = nanoseconds
        self.attributes = attributes
    }
}

/// A reference to the span in another trace that caused this span, possibly hours ago.
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

/// The limits of one span, with the defaults of OpenTelemetry. What exceeds them is dropped and counted.
package struct SpanLimits: Equatable, Sendable {
    package var attributes = 128
    package var events = 128
    package var links = 128
    /// The maximum bytes of a text value. A longer value is cut between characters.
    package var attributeValueBytes = Int.max

    package init() {}
}
