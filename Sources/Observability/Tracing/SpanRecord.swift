/// One piece of work in a trace, done: what a collector is sent, and what `hedgehogctl trace` shows. (OpenTelemetry
/// calls it a span.)
package struct SpanRecord: Equatable, Sendable {
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
    package internal(set) var attributes: [SpanAttribute] = []
    package internal(set) var events: [SpanEvent] = []
    package internal(set) var links: [SpanLink] = []
    package internal(set) var status = Status.unset
    /// What the limits left no room for.
    package internal(set) var droppedAttributes = 0
    package internal(set) var droppedEvents = 0
    package internal(set) var droppedLinks = 0

    package init(
        traceID: TraceID, spanID: SpanID, parent: SpanID?, parentIsRemote: Bool, flags: TraceFlags,
        tracestate: Tracestate = .empty, kind: Kind, name: String, startNanoseconds: UInt64, endNanoseconds: UInt64
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
    }
}

/// Names are ours, values may be anything.
package struct SpanAttribute: Equatable, Sendable {
    package enum Value: Equatable, Sendable {
        case text(String)
        /// Text as it came, which may be no UTF-8: repaired where it is written.
        case bytes([UInt8])
        case integer(Int)
        case flag(Bool)
    }

    package let key: String
    package let value: Value

    package init(_ key: String, _ value: Value) {
        self.key = key
        self.value = value
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
