// What a head must be as a whole. Where RFC 9112 lets a server guess at the end of a body, or repair a request, we
// refuse: a request that two parsers can read in two ways is how one client smuggles words into another's mouth.

/// What follows from the fields of a head together.
struct HeadVerdict {
    let framing: BodyFraming
    let expectsContinue: Bool
    let keepsAlive: Bool
}

extension RequestHead {
    /// Requires every line to have been noted.
    func verdict() throws(Refusal) -> HeadVerdict {
        try checkHost()
        let framing = try judgedFraming()
        if framing == .none, method == .put || method == .post { throw .lengthRequired }
        let expectsContinue = try judgedExpectation() && framing != .none && framing != .length(0)
        let keepsAlive = judgedPersistence()
        return HeadVerdict(framing: framing, expectsContinue: expectsContinue, keepsAlive: keepsAlive)
    }

    private func checkHost() throws(Refusal) {
        switch values(of: .host) {
        case .absent: if minorVersion == 1 { throw .missingHost }
        case .repeated: throw .repeatedHost
        case .single(let value):
            // An empty Host is how a target without an authority is sent.
            guard value.isEmpty || isHost(bytes.span.extracting(value)) else { throw .invalidHost }
        }
    }

    private func judgedFraming() throws(Refusal) -> BodyFraming {
        let coding = values(of: .transferEncoding)
        switch (coding, values(of: .contentLength)) {
        case (.absent, .absent): return .none
        case (.absent, .repeated): throw .repeatedContentLength
        case (.absent, .single(let value)): return .length(try contentLength(value))
        case (_, .single), (_, .repeated): throw .lengthBesideCoding
        case (.repeated, .absent): throw minorVersion == 0 ? .codingInHTTP10 : .malformedTransferEncoding
        case (.single(let value), .absent):
            guard minorVersion == 1 else { throw .codingInHTTP10 }
            try checkTransferCodings(value)
            return .chunked
        }
    }

    private func contentLength(_ value: Range<Int>) throws(Refusal) -> Int {
        guard !value.isEmpty else { throw .malformedContentLength }
        var length = 0
        for byte in bytes[value] {
            guard byte.isDecimalDigit else { throw .malformedContentLength }
            let (product, overflow) = length.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(Int(byte - UInt8(ascii: "0")))
            guard !overflow, !carry else { throw .malformedContentLength }
            length = sum
        }
        return length
    }

    /// Only `chunked` stands. Members that are no plain token, and `chunked` anywhere but once at the end, leave the
    /// end of the body in doubt (400); any other coding, alone or before it, is only one we do not have (501).
    private func checkTransferCodings(_ value: Range<Int>) throws(Refusal) {
        let span = bytes.span
        var members = ListMembers(of: value)
        var isUnknown = false
        var sawChunked = false
        while let member = members.next(in: span) {
            guard !sawChunked, isToken(span.extracting(member)) else { throw .malformedTransferEncoding }
            sawChunked = span.extracting(member).equals(lowercase: "chunked")
            isUnknown = isUnknown || !sawChunked
        }
        if isUnknown { throw .unknownTransferCoding }
    }

    /// HTTP/1.0 knows no expectations, so there the field means nothing (RFC 9110, 10.1.1).
    private func judgedExpectation() throws(Refusal) -> Bool {
        guard minorVersion == 1 else { return false }
        var isGiven = false
        try forEachMember(of: .expect) { (member: Span<UInt8>) throws(Refusal) in
            guard member.equals(lowercase: "100-continue") else { throw .unknownExpectation }
            isGiven = true
        }
        return isGiven
    }

    private func judgedPersistence() -> Bool {
        var closes = false
        var asksToKeep = false
        forEachMember(of: .connection) { member in
            if member.equals(lowercase: "close") { closes = true }
            if member.equals(lowercase: "keep-alive") { asksToKeep = true }
        }
        return !closes && (minorVersion == 1 || asksToKeep)
    }

    /// The members of all lines of a list, but for empty ones.
    private func forEachMember<Failure: Error>(
        of header: KnownHeader, _ body: (Span<UInt8>) throws(Failure) -> Void
    ) throws(Failure) {
        try forEachValue(of: header) { (value: Range<Int>) throws(Failure) in
            let span = bytes.span
            var members = ListMembers(of: value)
            while let member = members.next(in: span) {
                if !member.isEmpty { try body(span.extracting(member)) }
            }
        }
    }
}

private func isToken(_ text: Span<UInt8>) -> Bool {
    for index in text.indices where !ByteClass.token.contains(text[index]) { return false }
    return !text.isEmpty
}
