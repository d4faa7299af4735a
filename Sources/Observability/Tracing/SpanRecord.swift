/// One piece of work in a trace, done: what a collector is sent, and what `hedgehogctl trace` shows. (OpenTelemetry
/// calls it a span.)
package struct SpanRecord: Sendable {
    package enum Kind: Int, Sendable {
        // The numbers that OTLP gives them.
        case `internal` = 1
        case server
        case client
    }

    package enum Status: Equatable, Sendable {
        /// Nothing went wrong that this piece of work is to blame for.
        case unset
        /// The sentence may be empty: a status code or `error.type` says it then.
        case error(String)
    }

    package let traceID: TraceID
    package let spanID: SpanID
    /// Nil of the first in its trace.
    package let parent: SpanID?
    /// The parent is in another process.
    package let parentIsRemote: Bool
    package let flags: TraceFlags
    package let tracestate: Tracestate
    package let kind: Kind
    package let name: String
    /// Nanoseconds since 1970.
    package let startNanoseconds: UInt64
    package internal(set) var endNanoseconds: UInt64
    package internal(set) var subject: (any SpanSubject)?
    /// What is said beside the subject.
    var ownAttributes: [SpanAttribute] = []
    package internal(set) var events: [SpanEvent] = []
    package internal(set) var links: [SpanLink] = []
    package internal(set) var status = Status.unset
    let limits: SpanLimits
    /// What the limits left no room for.
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

    /// What the work was about and what was said of it, as far as the limits have room. Returns how many were left out.
    @discardableResult
    package func forEachAttribute(_ body: (_ key: String, _ value: SpanAttribute.Value) -> Void) -> Int {
        var count = 0
        let cuts = limits.attributeValueBytes < .max
        func tell(_ key: String, _ value: SpanAttribute.Value) {
            count += 1
            guard count <= limits.attributes else { return }
            if cuts { body(key, limits.cut(value)) } else { body(key, value) }
        }
        subject?.forEachAttribute(tell)
        for attribute in ownAttributes { tell(attribute.key, attribute.value) }
        return max(0, count - limits.attributes)
    }

    /// All that `forEachAttribute` tells.
    package var attributes: [SpanAttribute] {
        var attributes: [SpanAttribute] = []
        forEachAttribute { attributes.append(SpanAttribute($0, $1)) }
        return attributes
    }

    func isOf(requestID: [UInt8]) -> Bool {
        if let subject, subject.isOf(requestID: requestID) { return true }
        guard let attribute = ownAttributes.first(where: { $0.key == Self.requestIDKey }) else { return false }
        switch attribute.value {
        case .text(let text): return text.utf8.elementsEqual(requestID)
        case .bytes(let bytes): return bytes.elementsEqual(requestID)
        case .requestID(let id): return id.isSpelled(requestID)
        case .integer, .flag: return false
        }
    }
}

/// A moment within a span.
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

/// The work that caused this one, in a trace of its own, perhaps hours ago.
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

/// What one span may hold; what is more is counted. OpenTelemetry's defaults.
package struct SpanLimits: Equatable, Sendable {
    package var attributes = 128
    package var events = 128
    package var links = 128
    /// Bytes of a text value; whole characters are kept.
    package var attributeValueBytes = Int.max

    package init() {}
}
