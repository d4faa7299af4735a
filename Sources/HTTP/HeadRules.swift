// The rules for a head as a whole. Where RFC 9112 lets a server guess the end of a body or repair a request, this
// server refuses the request. [A proxy and the server find different ends of the same body: request smuggling lets one
// client insert a request into another client's connection.]

/// The properties of a request that several header fields determine together.
struct HeadSemantics {
    let framing: BodyFraming
    let expectsContinue: Bool
    let keepsAlive: Bool
}

extension RequestHead {
    /// Checks the rules for a head as a whole and returns the properties that its fields determine together. Requires
    /// that every line of the head has been recorded.
    func semantics() throws(Refusal) -> HeadSemantics {
        try checkHost()
        let framing = try checkedFraming()
        if framing == .none, method == .put || method == .post { throw .framing(.lengthRequired) }
        let expectsContinue = try checkedExpectation() && framing != .none && framing != .length(0)
        let keepsAlive = persistence()
        return HeadSemantics(framing: framing, expectsContinue: expectsContinue, keepsAlive: keepsAlive)
    }

    private func checkHost() throws(Refusal) {
        switch values(of: .host) {
        case .absent: if minorVersion == 1 { throw .field(.missingHost) }
        case .repeated: throw .field(.repeatedHost)
        case .single(let value):
            guard value.isEmpty || isHost(bytes.span.extracting(value)) else { throw .field(.invalidHost) }
            // A client sends an empty Host for a target URI without an authority (RFC 9112, 3.2). The URI of an origin
            // form is an http URI, which must have one (RFC 9110, 4.2.1). An absolute form has its own, and `*` needs
            // none.
            if value.isEmpty, isOriginForm, minorVersion == 1 { throw .field(.emptyHost) }
        }
    }

    private func checkedFraming() throws(Refusal) -> BodyFraming {
        let coding = values(of: .transferEncoding)
        switch (coding, values(of: .contentLength)) {
        case (.absent, .absent): return .none
        case (.absent, .repeated): throw .framing(.repeatedContentLength)
        case (.absent, .single(let value)): return .length(try contentLength(value))
        case (_, .single), (_, .repeated): throw .framing(.lengthBesideCoding)
        case (.repeated, .absent):
            throw minorVersion == 0 ? .framing(.codingInHTTP10) : .framing(.malformedTransferEncoding)
        case (.single(let value), .absent):
            guard minorVersion == 1 else { throw .framing(.codingInHTTP10) }
            try checkTransferCodings(value)
            return .chunked
        }
    }

    private func contentLength(_ value: Range<Int>) throws(Refusal) -> Int {
        guard !value.isEmpty else { throw .framing(.malformedContentLength) }
        var length = 0
        for byte in bytes[value] {
            guard byte.isDecimalDigit else { throw .framing(.malformedContentLength) }
            let (product, overflow) = length.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(Int(byte - UInt8(ascii: "0")))
            guard !overflow, !carry else { throw .framing(.malformedContentLength) }
            length = sum
        }
        return length
    }

    /// Accepts only `chunked`. A member that is not a token, and `chunked` anywhere but once at the end, make the end
    /// of the body ambiguous (400). Any other coding, alone or before `chunked`, is merely not implemented (501).
    private func checkTransferCodings(_ value: Range<Int>) throws(Refusal) {
        let span = bytes.span
        var members = ListMembers(of: value)
        var isUnknown = false
        var sawChunked = false
        while let member = members.next(in: span) {
            guard !sawChunked, isToken(span.extracting(member)) else { throw .framing(.malformedTransferEncoding) }
            sawChunked = span.extracting(member).equals(lowercase: "chunked")
            isUnknown = isUnknown || !sawChunked
        }
        if isUnknown { throw .framing(.unknownTransferCoding) }
    }

    /// Returns whether the client expects `100 Continue`. HTTP/1.0 has no expectations, so there the field is ignored
    /// (RFC 9110, 10.1.1).
    private func checkedExpectation() throws(Refusal) -> Bool {
        guard minorVersion == 1 else { return false }
        var isGiven = false
        try forEachMember(of: .expect) { (member: Span<UInt8>) throws(Refusal) in
            guard member.equals(lowercase: "100-continue") else { throw .field(.unknownExpectation) }
            isGiven = true
        }
        return isGiven
    }

    private func persistence() -> Bool {
        var closes = false
        var asksToKeep = false
        forEachMember(of: .connection) { member in
            if member.equals(lowercase: "close") { closes = true }
            if member.equals(lowercase: "keep-alive") { asksToKeep = true }
        }
        return !closes && (minorVersion == 1 || asksToKeep)
    }

    /// Calls `body` with every non-empty member of a list that may be spread over several field lines.
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
