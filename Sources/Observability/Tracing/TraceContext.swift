internal import Base

// W3C Trace Context, level 2: `traceparent` is version, trace id, parent id and flags in lowercase hexadecimal, joined
// by dashes. An invalid value is ignored completely, as if the request had no `traceparent`.

package struct TraceFlags: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let sampled = TraceFlags(rawValue: 1)
    /// The random-trace-id flag of W3C Trace Context: the trace id is random. The flag is copied from a valid
    /// `traceparent`, set for a trace id that this node makes, and not set for a trace id from `X-Trace-ID`.
    package static let random = TraceFlags(rawValue: 2)
}

/// The position of a request in a trace: the trace id, the span of the caller and the data to pass on.
package struct TraceContext: Equatable, Sendable {
    package let traceID: TraceID
    /// The span of the caller, or nil if the caller sent no valid `traceparent`.
    package let parent: SpanID?
    package let flags: TraceFlags
    package let tracestate: Tracestate

    package init(traceID: TraceID, parent: SpanID?, flags: TraceFlags, tracestate: Tracestate = .empty) {
        self.traceID = traceID
        self.parent = parent
        self.flags = flags
        self.tracestate = tracestate
    }

    /// Starts a new trace with a random trace id. The sampled flag is not set, because a sampler decides later whether
    /// the trace is recorded.
    package init(using generator: inout some RandomNumberGenerator) {
        self.init(traceID: TraceID(using: &generator), parent: nil, flags: .random)
    }

    /// Reads a `traceparent` header. Returns nil if it is not valid. A version above 00 may have more fields after
    /// another dash, which are ignored.
    package init?(traceparent: Span<UInt8>, tracestate: Tracestate = .empty) {
        let text = traceparent.extracting(traceparent.trimmedIndices)
        guard text.count >= Layout.byteCount, Layout.dashes.allSatisfy({ text[$0] == UInt8(ascii: "-") }),
            let version = Self.byte(text, at: Layout.version), version != 0xFF,
            let traceID = TraceID(lowercaseHex: text.extracting(Layout.traceID)),
            let parent = SpanID(lowercaseHex: text.extracting(Layout.parent)),
            let flags = Self.byte(text, at: Layout.flags)
        else { return nil }
        if text.count > Layout.byteCount {
            guard version > 0, text[Layout.byteCount] == UInt8(ascii: "-") else { return nil }
        }
        self.init(
            traceID: traceID, parent: parent, flags: TraceFlags(rawValue: flags).intersection([.sampled, .random]),
            tracestate: tracestate)
    }

    /// Appends the value of the header `traceparent` for a call to another node on behalf of this request. `parent` is
    /// the span of this node for that call.
    package func appendTraceparent(parent: SpanID, to text: inout [UInt8]) {
        text.append("00-")
        traceID.append(to: &text)
        text.append(UInt8(ascii: "-"))
        parent.append(to: &text)
        text.append(UInt8(ascii: "-"))
        text.appendHex(UInt64(flags.rawValue), digitCount: 2)
    }

    private enum Layout {
        static let version = 0
        static let traceID = 3..<35
        static let parent = 36..<52
        static let flags = 53
        static let byteCount = 55
        static let dashes = [2, 35, 52]
    }

    private static func byte(_ text: Span<UInt8>, at offset: Int) -> UInt8? {
        guard let high = digit(text[offset]), let low = digit(text[offset + 1]) else { return nil }
        return high << 4 | low
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
